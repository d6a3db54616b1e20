"""Files without what they say beside their content: where and by whom a picture was taken, who wrote a paper.

`clean(data, media)` returns the file as it is kept. Images are drawn anew from their pixels. PDF is written anew
from its pages. In recordings the tags are cut out or blanked (MP3, WAV, M4A, Ogg, WebM); the sound itself stays
byte for byte, and so does the name of the program that wrote an Ogg or WebM file.
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
    return clean_sound(data, media)
