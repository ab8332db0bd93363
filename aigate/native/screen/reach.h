// What a sequence does besides drawing: which part of the user's terminal it reaches. Owns the list of those that are
// known; takes nothing out.
//
// Sources: ECMA-48; xterm's ctlseqs; the documents of kitty, iTerm2, tmux, GNU screen, Windows Terminal, ConEmu, Konsole,
// urxvt, VTE and Vim; DEC STD 070. Of strings (OSC, DCS, APC, PM, SOS) what is not known counts as reaching something, of
// control sequences what has an intermediate byte and is not known.
#pragma once

#include <cstddef>
#include <cstdint>

#include "parser.h"

namespace aigate {

enum class Reach : uint8_t {
    Nothing,
    Clipboard,      // writes it
    ClipboardRead,  // is answered with what stands in it
    Title,          // of window, tab, icon
    Notification,   // of the desktop
    Link,           // opens a hyperlink
    FalseLink,      // one whose text is another address than its target's, which more than the sequence tells
    Query,          // is answered into the program's input, with nothing that a program can choose
    TextQuery,      // is answered with text that a program may have chosen, or what stands on the screen
    Window,         // moves, resizes, raises, hides it
    File,           // reads or writes files of the user's machine, or prints
    Other,          // keys, macros, fonts, another terminal around this one, another language of sequences, the unknown
};
constexpr size_t kReaches = 12;

// event: Control, Escape, Csi or String, as the parser has just found it. Strings need not be over.
Reach reach_of(const Parser& parser, Parser::Event event);

}  // namespace aigate
