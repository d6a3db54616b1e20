"""Texts in many scripts, and an embedder that needs no model: it counts runs of letters."""

from __future__ import annotations

from collections.abc import Sequence
from zlib import crc32

import numpy as np

from highground.methods.search.embedding import Kind, Vectors
from highground.methods.search.segmenting import grams
from highground.methods.search.text import normalise

SENTENCES = {
    "en": "Every household has the right to clean water and to education.",
    "zh": "每户家庭都享有清洁饮用水和受教育的权利。",
    "th": "ทุกครัวเรือนมีสิทธิได้รับน้ำสะอาดและการศึกษา",
    "lo": "ທຸກຄອບຄົວມີສິດໄດ້ຮັບນ້ຳສະອາດ ແລະ ການສຶກສາ",
    "km": "គ្រួសារទាំងអស់មានសិទ្ធិទទួលបានទឹកស្អាត និងការអប់រំ",
    "my": "အိမ်ထောင်စုတိုင်းသည် သန့်ရှင်းသောရေနှင့် ပညာရေးကို ရပိုင်ခွင့်ရှိသည်",
    "vi": "Mọi hộ gia đình đều có quyền được dùng nước sạch và được học hành.",
    "id": "Setiap rumah tangga berhak atas air bersih dan pendidikan.",
    "ms": "Setiap isi rumah berhak mendapat air bersih dan pendidikan.",
    "fil": "Bawat sambahayan ay may karapatan sa malinis na tubig at edukasyon.",
    "ta": "ஒவ்வொரு குடும்பத்திற்கும் தூய்மையான நீரும் கல்வியும் பெற உரிமை உண்டு.",
}
WATER = {
    "en": "clean water",
    "zh": "饮用水",
    "th": "น้ำสะอาด",
    "lo": "ນ້ຳສະອາດ",
    "km": "ទឹកស្អាត",
    "my": "သန့်ရှင်းသောရေ",
    "vi": "nước sạch",
    "id": "air bersih",
    "ms": "air bersih",
    "fil": "malinis na tubig",
    "ta": "தூய்மையான நீரும்",
}
"""Of each language words of its sentence."""


class LetterRuns:
    """Texts with the same runs of letters lie near each other. Each kind of text has a direction of its own."""

    dimensions = 64

    def __init__(self, model: str = "letter-runs-1") -> None:
        self.model = model
        self.embedded: list[str] = []

    def embed(self, texts: Sequence[str], kind: Kind) -> Vectors:
        self.embedded += texts
        rows = np.zeros((len(texts), self.dimensions), np.float32)
        for row, text in zip(rows, texts, strict=True):
            row[0] = 0.1 if kind == "query" else 0.2
            for gram in grams(normalise(text)):
                row[1 + crc32(gram.encode()) % (self.dimensions - 1)] += 1
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)
