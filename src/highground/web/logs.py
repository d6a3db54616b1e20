"""Keeps what people typed, and the tokens of phones, out of the log."""

import logging
import re

_QUERY = re.compile(r"\?\S*")
_TOKEN = re.compile(r"(/field/d/)[^/\s]+")
"""What follows in an address of `field/openrosa` opens a phone's forms."""


class WithoutPersonalData(logging.Filter):
    """Drops query strings, tokens in addresses and exception messages from a record: they may carry names and numbers.

    The type of an exception and the lines of code stay, which is what a repair needs.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg = _TOKEN.sub(r"\1…", _QUERY.sub("?…", record.getMessage()))
        record.args = ()
        if record.exc_info and record.exc_info[1] is not None:
            record.exc_text = _frames(record.exc_info[1])
        return True


def _frames(error: BaseException) -> str:
    lines = [type(error).__name__]
    trace = error.__traceback__
    while trace:
        code = trace.tb_frame.f_code
        lines.append(f"  {code.co_filename}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    return "\n".join(lines)
