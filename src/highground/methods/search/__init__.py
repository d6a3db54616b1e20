"""Search in eleven languages and seven scripts: normalise, segment, index, embed and fuse.

Searching by words needs nothing but this package. The extra `[search]` adds meaning: texts that say the same in
another language.
"""
