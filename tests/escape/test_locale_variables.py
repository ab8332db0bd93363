"""A locale of the project's, whose character set is converted by a library of the project's."""

from __future__ import annotations

import pathlib

from planted import Planted
from sandbox import Sandbox

UTF8 = pathlib.Path("/usr/lib/locale/C.utf8/LC_CTYPE")  # glibc's; the name of its character set stands in it
MODULES = "module XTF-8// INTERNAL planted 1\nmodule INTERNAL XTF-8// planted 1\n"


def test_neither_locales_nor_converters_come_from_the_project(sandbox: Sandbox) -> None:
    planted = Planted(sandbox)
    planted.library("gconv/planted.so")
    sandbox.write("gconv/gconv-modules", MODULES)
    sandbox.write("locales/odd/LC_CTYPE", UTF8.read_bytes().replace(b"UTF-8\0", b"XTF-8\0"))
    directory = str(sandbox.project)
    sandbox.extra |= {"GCONV_PATH": f"{directory}/gconv", "LOCPATH": f"{directory}/locales", "LC_ALL": "odd"}
    assert not planted.runs_at_next_start()


def test_a_locale_with_a_slash_is_not_looked_up(sandbox: Sandbox) -> None:
    done = sandbox.aigate("run", "--quiet", "--", "printenv", "LANG")
    assert done.stdout == "C.UTF-8\n"
    sandbox.extra["LANG"] = "../odd"
    assert sandbox.run("printenv", "LANG").stdout == "../odd\n"
