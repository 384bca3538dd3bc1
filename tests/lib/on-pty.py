#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""on-pty.py ROWSxCOLUMNS STEP... -- COMMAND...

Run a command that draws frames, each with the words "q quits", on a pseudo-terminal of this size,
and take the steps in turn:

    frame               wait for one more frame
    size=ROWSxCOLUMNS   resize the terminal, and wait for a frame that ends in the last row
    key=CHAR            type it; key=^C, key=^Z: control characters
    signal=NAME         send the signal to the command
    stopped             wait until the command is stopped; print "stopped, " and the terminal's state
    close               close the terminal
    show                print the last frame

Then wait for the command, and print "exit N" or "signal N", and, unless the terminal is closed,
"as before" or what has changed: modes, screen, cursor, wrapping.
"""
import fcntl, os, re, signal, struct, sys, termios

cut = sys.argv.index("--")
size, steps, command = sys.argv[1], sys.argv[2:cut], sys.argv[cut + 1:]
master, slave = os.openpty()
output = b""
state = {"1049": False, "25": True, "7": True}  # alternate screen, cursor, wrapping


def resize(text):
    rows, columns = map(int, text.split("x"))
    fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    return rows


def read():
    global output
    part = os.read(master, 65536)
    for number, switch in re.findall(rb"\x1b\[\?(\d+)([hl])", part):
        state[number.decode()] = switch == b"h"
    output += part


def wait_for(pattern):
    """Wait for output that matches, and drop it."""
    global output
    while not (match := re.search(pattern, output, re.S)):
        read()
    output = output[match.end():]
    return match.group().decode()


def changed():
    modes = termios.tcgetattr(slave) != before
    names = ["modes"] * modes + ["screen"] * state["1049"]
    return ", ".join(names + ["cursor"] * (not state["25"]) + ["wrapping"] * (not state["7"])) or "as before"


resize(size)
before = termios.tcgetattr(slave)
pid = os.fork()
if pid == 0:
    os.setsid()
    fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
    for fd in range(3):
        os.dup2(slave, fd)
    os.closerange(3, 64)
    os.execvp(command[0], command)
frame, closed = "", False
for step in steps:
    name, _, value = step.partition("=")
    if name == "frame":
        frame = wait_for(rb"\x1b\[H.*?q quits")
    elif name == "size":
        frame = wait_for(rb"\x1b\[H((?!q quits).)*\x1b\[%d;1Hevery [^\n]*?q quits" % resize(value))
    elif name == "key":
        os.write(master, bytes([ord(value[1]) & 31]) if value[0] == "^" else value.encode())
    elif name == "signal":
        os.kill(pid, getattr(signal, value))
    elif name == "stopped":
        _, status = os.waitpid(pid, os.WUNTRACED)
        assert os.WIFSTOPPED(status), status
        os.write(slave, b"stopped")
        wait_for(rb"stopped")
        print("stopped,", changed())
    elif name == "close":
        closed = True
        os.close(master)
    elif name == "show":
        print(re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", frame).replace("\r", ""))
# The command may wait until its output is read.
if not closed:
    os.set_blocking(master, False)
while True:
    done, status = os.waitpid(pid, 0 if closed else os.WNOHANG)
    if done:
        break
    try:
        read()
    except BlockingIOError:
        pass
if not closed:
    try:
        read()
    except BlockingIOError:
        pass
code = os.waitstatus_to_exitcode(status)
print(f"signal {-code}" if code < 0 else f"exit {code}")
if not closed:
    print(changed())
