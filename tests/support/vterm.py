"""A third terminal emulator that is not ours, libvterm, which editors build terminals with, as a judge."""

from __future__ import annotations

import ctypes
import ctypes.util
from typing import Self

from judge import Shown

CHARACTERS = 6  # in one cell (VTERM_MAX_CHARS_PER_CELL)
CELL_SIZE = 128  # bytes, at least a VTermScreenCell
WIDTH_AT = 4 * CHARACTERS  # of its member `width`
SOMAJOR = 0


class Place(ctypes.Structure):
    """VTermPos."""

    _fields_ = (("row", ctypes.c_int), ("column", ctypes.c_int))


class VtermJudge:
    """One emulator of a size. A context manager."""

    def __init__(self, rows: int, columns: int) -> None:
        self.rows, self.columns = rows, columns
        self._library = library = ctypes.CDLL(f"libvterm.so.{SOMAJOR}")
        for name in ("vterm_new", "vterm_obtain_screen", "vterm_obtain_state"):
            getattr(library, name).restype = ctypes.c_void_p
        library.vterm_input_write.restype = ctypes.c_size_t
        self._terminal = ctypes.c_void_p(None)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def _end(self) -> None:
        if self._terminal:
            self._library.vterm_free(self._terminal)
        self._terminal = ctypes.c_void_p(None)

    def _begin(self) -> None:
        self._end()
        library = self._library
        self._terminal = ctypes.c_void_p(library.vterm_new(self.rows, self.columns))
        library.vterm_set_utf8(self._terminal, 1)
        self._screen = ctypes.c_void_p(library.vterm_obtain_screen(self._terminal))
        self._state = ctypes.c_void_p(library.vterm_obtain_state(self._terminal))
        library.vterm_screen_enable_altscreen(self._screen, 1)
        library.vterm_screen_reset(self._screen, 1)

    def draw(self, data: bytes) -> None:
        """Show bytes, after what was shown before."""
        self._library.vterm_input_write(self._terminal, data, ctypes.c_size_t(len(data)))

    def show(self, data: bytes) -> Shown:
        """Show bytes on a screen that is new."""
        self._begin()
        self.draw(data)
        return self.look()

    def look(self) -> Shown:
        """Return what stands on the screen now. A cursor behind the last column counts as in it."""
        place = Place()
        self._library.vterm_state_get_cursorpos(self._state, ctypes.byref(place))
        return Shown([self._row(row).rstrip(" ") for row in range(self.rows)], (place.row, place.column))

    def _row(self, row: int) -> str:
        cell = ctypes.create_string_buffer(CELL_SIZE)
        text, column = "", 0
        while column < self.columns:
            self._library.vterm_screen_get_cell(self._screen, Place(row, column), cell)
            code = ctypes.cast(cell, ctypes.POINTER(ctypes.c_uint32))[0]
            text += chr(code) if 0 < code < 0x110000 else " "
            column += max(1, cell.raw[WIDTH_AT])
        return text
