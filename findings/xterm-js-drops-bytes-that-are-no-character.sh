#!/usr/bin/env bash
# Belief: a terminal shows U+FFFD for a byte that is no UTF-8, as the Unicode Standard recommends (chapter 3, U+FFFD substitution)
#   and as browsers do; so a word with such bytes in it is seen as several.
# What happens (@xterm/headless 6.0.0; the TextDecoder of Node.js 20.20.2 beside it): xterm.js drops such bytes, and nothing of
#   them is seen: the letters on both sides stand together. TextDecoder puts U+FFFD.
# Why it matters: in VS Code's terminal a word that a log has in pieces, with Latin-1 bytes or cut characters in between, is
#   seen, copied and searched as one. Whoever looks for words in bytes, or judges a screen by another terminal, finds less.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
npm install --silent --no-fund --no-audit --prefix . @xterm/headless@6.0.0 >/dev/null
cat >bytes.mjs <<'M'
import headless from "@xterm/headless";
const cases = { "0xFF": [0xff], "Latin-1 é": [0xe9], "a cut €": [0xe2, 0x82], "a lone 0x80": [0x80] };
for (const [name, bytes] of Object.entries(cases)) {
    const terminal = new headless.Terminal({ cols: 20, rows: 2, allowProposedApi: true });
    const data = Uint8Array.from([0x61, 0x62, ...bytes, 0x63, 0x64]);
    await new Promise((done) => terminal.write(data, done));
    const seen = terminal.buffer.active.getLine(0).translateToString(true);
    console.log(`${name}: xterm.js ${seen}, TextDecoder ${new TextDecoder().decode(data).replaceAll("\ufffd", "?")}`);
}
M
said=$(node bytes.mjs)
echo "@xterm/headless 6.0.0, Node.js $(node --version)"
echo "$said"
diff - <(echo "$said") <<'T'
0xFF: xterm.js abcd, TextDecoder ab?cd
Latin-1 é: xterm.js abcd, TextDecoder ab?cd
a cut €: xterm.js abcd, TextDecoder ab?cd
a lone 0x80: xterm.js abcd, TextDecoder ab?cd
T
