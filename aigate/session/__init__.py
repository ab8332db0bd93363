"""One run of a command, composed of all the other parts: asked for, prepared as data, then acted on."""
