"""Published files: hashed, compressed, served for ever, and made again only when something changed."""

PUBLISH = "from highground.web.assets import publish; print(publish())"
GET = """
import gzip, re
from django.test import Client
client = Client(headers={"host": "localhost", "accept-encoding": "gzip"})
page = gzip.decompress(client.get("/sign-in/").content).decode()
for address in re.findall(r'(?:href|src)="(/static/[^"]+[.](?:css|js))"', page):
    answer = client.get(address)
    body = b"".join(answer.streaming_content)
    print(address, answer.status_code, answer.get("Content-Encoding"), answer["Cache-Control"], len(body))
"""


def test_published_files_are_hashed_and_compressed(new_office) -> None:
    office = new_office(migrated=True)
    before = [line.split(" ") for line in office.python(GET).splitlines()]
    assert [line[1:3] for line in before] == [["200", "None"]] * 3
    assert office.python(PUBLISH).strip() == "True"
    assert office.python(PUBLISH).strip() == "False"
    after = [line.split(" ") for line in office.python(GET).splitlines()]
    assert [line[1:3] for line in after] == [["200", "gzip"]] * 3
    assert all("immutable" in " ".join(line) for line in after)
    assert all(old[0] != new[0] for old, new in zip(before, after, strict=True))
    assert sum(int(line[-1]) for line in after) < 25_000


def test_a_changed_file_is_published_again(new_office) -> None:
    office = new_office(migrated=True)
    office.python(PUBLISH)
    (office.home / "static/published").write_text("older")
    assert office.python(PUBLISH).strip() == "True"
