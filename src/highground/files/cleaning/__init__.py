"""Files without what they say beside their content: where and by whom a picture was taken, who wrote a paper.

`clean(data, media)` returns the file as it is kept. Images are drawn anew from their pixels. PDF is written anew
from its pages, DOCX from its paragraphs, tables and pictures. In recordings the tags are cut out or blanked (MP3, WAV,
M4A, Ogg, WebM); the sound itself stays byte for byte, and so does the name of the program that wrote an Ogg or WebM file.
"""

from highground.files.cleaning.images import clean_image
from highground.files.cleaning.sounds import clean_sound
from highground.files.media import Media


def clean(data: bytes, media: Media) -> bytes:
    """`data`, which begins like `media`, as it may be kept. Raises UploadRefused when it is damaged or unsafe."""
    if media.form == "image":
        return clean_image(data, media)
    if media.form == "pdf":
        # What reads PDF loads only where one arrives.
        from highground.files.cleaning.papers import clean_pdf

        return clean_pdf(data)
    if media.form == "document":
        from highground.files.cleaning.documents import clean_docx

        return clean_docx(data)
    return clean_sound(data, media)


def words_of(data: bytes, media: Media) -> str:
    """All words that a cleaned paper says to whoever opens it, a text to a line; nothing for pictures and recordings."""
    if media.form == "pdf":
        from highground.files.cleaning.papers import words_of_pdf

        return "\n".join(words_of_pdf(data))
    if media.form == "document":
        from highground.files.cleaning.documents import words_of_docx

        return "\n".join(words_of_docx(data))
    return ""
