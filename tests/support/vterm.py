"""A third terminal emulator that is not ours, libvterm, which editors build terminals with, as a judge."""

from __future__ import annotations

import ctypes
import ctypes.util
from typing import Self

from judge import Shown

LONGEST = 24  # bytes in one cell: a letter and the marks on it
CELL_SIZE = 128  # bytes, at least a VTermScreenCell,
BACKGROUND_AT = 36  # of which this is its member `bg`
SOMAJOR = 0


class Place(ctypes.Structure):
    """VTermPos."""

    _fields_ = (("row", ctypes.c_int), ("column", ctypes.c_int))


class Rectangle(ctypes.Structure):
    """VTermRect: the ends are behind it."""

    _fields_ = tuple((name, ctypes.c_int) for name in ("top", "bottom", "left", "right"))


class VtermJudge:
    """One emulator of a size. A context manager."""

    def __init__(self, rows: int, columns: int) -> None:
        self.rows, self.columns = rows, columns
        self._library = library = ctypes.CDLL(f"libvterm.so.{SOMAJOR}")
        for name in ("vterm_new", "vterm_obtain_screen", "vterm_obtain_state"):
            getattr(library, name).restype = ctypes.c_void_p
        for name in ("vterm_input_write", "vterm_screen_get_text"):
            getattr(library, name).restype = ctypes.c_size_t
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

    def resize(self, rows: int, columns: int) -> None:
        """Give the screen another size, as a window does; rows are cut or grow, and nothing flows anew."""
        self.rows, self.columns = rows, columns
        if self._terminal:
            self._library.vterm_set_size(self._terminal, rows, columns)

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
        return Shown(self._rows(), (place.row, place.column))

    def backgrounds(self) -> list[bytes]:
        """Return what each cell has behind it, row by row, as libvterm keeps a colour."""
        cell, found = ctypes.create_string_buffer(CELL_SIZE), []
        for row in range(self.rows):
            for column in range(self.columns):
                self._library.vterm_screen_get_cell(self._screen, Place(row, column), cell)
                found.append(cell.raw[BACKGROUND_AT : BACKGROUND_AT + 4])
        return found

    def _rows(self) -> list[str]:
        text = ctypes.create_string_buffer(self.rows * (self.columns + 1) * LONGEST)
        size = self._library.vterm_screen_get_text(
            self._screen, text, ctypes.c_size_t(len(text)), Rectangle(0, self.rows, 0, self.columns)
        )
        rows = [row.rstrip(" ") for row in text.raw[:size].decode().split("\n")]
        return rows + [""] * (self.rows - len(rows))
