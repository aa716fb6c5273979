"""Ask the server to run tests: `python client.py SOCKET WORDS...`; exits as pytest did."""

import socket
import sys

with socket.socket(socket.AF_UNIX) as server:
    server.connect(sys.argv[1])
    server.sendall(" ".join(sys.argv[2:]).encode() + b"\n")
    told = b""
    while part := server.recv(1 << 16):
        told += part
text, _, code = told.rpartition(b"\0")
sys.stdout.buffer.write(text)
sys.stdout.flush()
sys.exit(int(code))
