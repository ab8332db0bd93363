// aigate's plugin for opencode: `aigate hook install opencode` writes it, `aigate hook remove opencode` takes it away.
// What tools return is masked before it is stored, and once more before each request to a model, which also reaches what
// this version does not tell plugins of. What cannot be looked at is not shown.
import { spawn } from "node:child_process"
import { homedir } from "node:os"
import { join } from "node:path"

const WORDS = "@WORDS@"
const FAILED = "@FAILED@"
const RESULT = ["title", "output", "metadata", "content", "structuredContent"] // the last two from servers of tools
const STATE = ["output", "error", "title", "metadata"]
const PATIENCE = 30000 // milliseconds

// Returns the event's value without secrets: the very same one if there are none.
function ask(event) {
  return new Promise((resolve, reject) => {
    const child = spawn(WORDS[0], WORDS.slice(1), { stdio: ["pipe", "pipe", "ignore"], timeout: PATIENCE })
    const pieces = []
    child.on("error", () => reject(new Error(FAILED)))
    child.stdin.on("error", () => {})
    child.stdout.on("data", (piece) => pieces.push(piece))
    child.on("close", (status) => {
      const said = Buffer.concat(pieces).toString()
      try {
        if (status !== 0) throw new Error(FAILED)
        if (said === "") return resolve(event.value)
        const answer = JSON.parse(said)
        if (!("value" in answer)) throw new Error(answer.reason ?? FAILED)
        resolve(answer.value)
      } catch (error) {
        reject(error instanceof SyntaxError ? new Error(FAILED) : error)
      }
    })
    child.stdin.end(JSON.stringify(event))
  })
}

function places(messages) {
  const found = []
  for (const { info, parts } of messages)
    for (const part of parts) {
      if (part.type === "text" && info.role === "user") found.push([part, "text"])
      if (part.type === "tool") for (const name of STATE) if (part.state?.[name] != null) found.push([part.state, name])
    }
  return found
}

export const Aigate = async () => {
  let held = false // a secret, since the database was last scrubbed
  return {
    "tool.execute.after": async (_, result) => {
      const value = {}
      for (const name of RESULT) if (result?.[name] != null) value[name] = result[name]
      const clean = await ask({ hook_event_name: "tool.execute.after", value })
      if (clean === value) return
      held = true
      Object.assign(result, clean)
    },
    "experimental.chat.messages.transform": async (_, { messages }) => {
      const found = places(messages)
      const value = found.map(([part, name]) => part[name])
      const clean = await ask({ hook_event_name: "experimental.chat.messages.transform", value })
      if (clean === value) return
      held = true
      found.forEach(([part, name], at) => (part[name] = clean[at]))
    },
    event: async ({ event }) => {
      if (event.type !== "session.idle" || !held) return
      held = false
      const data = process.env.XDG_DATA_HOME || join(homedir(), ".local/share")
      await ask({ hook_event_name: event.type, transcript_path: join(data, "opencode/opencode.db") }).catch(() => {
        held = true
      })
    },
  }
}
