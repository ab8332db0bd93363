"""What a run may do with the user's terminal besides drawing on it. Owns the record; decides nothing."""

from __future__ import annotations

from aigate.record import record


@record
class Permits:
    """What is taken out of the output, and which key shows what is masked.

    without: kinds of sequences, as `Masker.display` names them. keys: how terminals spell that key; (): there is none.
    """

    without: tuple[str, ...] = ()
    keys: tuple[bytes, ...] = ()
