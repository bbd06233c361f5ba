#!/usr/bin/env python3
"""Whoever speaks in a test: peer.py tcp|web|udp ADDRESS PORT NAME, peer.py dns ADDRESS, peer.py ask tcp|web|udp ADDRESS PORT.

A server answers each who speaks to it with its own name and the address that it sees; it prints "ready" when it
listens."""
import errno
import socket
import sys
import threading

SECONDS = 1.5  # until silence is taken for an answer


def family(address: str) -> int:
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def answer(connection: socket.socket, text: str, listens_first: bool) -> None:
    with connection:
        if listens_first:
            connection.recv(100)
        connection.sendall(text.encode())


def tcp(address: str, port: str, name: str, listens_first: bool = False) -> None:
    with socket.create_server((address, int(port)), family=family(address)) as server:
        print("ready")
        while True:
            connection, peer = server.accept()
            # Nobody waits for somebody whose word was lost on its way.
            threading.Thread(target=answer, args=(connection, f"{name} {peer[0]}\n", listens_first), daemon=True).start()


def web(address: str, port: str, name: str) -> None:
    """Over TCP, once it was spoken to."""
    tcp(address, port, name, listens_first=True)


def udp(address: str, port: str, name: str) -> None:
    with socket.socket(family(address), socket.SOCK_DGRAM) as server:
        server.bind((address, int(port)))
        print("ready")
        while True:
            _, peer = server.recvfrom(100)
            server.sendto(f"{name} {peer[0]}\n".encode(), peer)


def dns(address: str) -> None:
    """Knows one address, whatever it is asked for."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind((address, 53))
        print("ready")
        while True:
            question, peer = server.recvfrom(512)
            end = question.index(b"\0", 12) + 5  # behind the name, its type and class
            is_ipv4 = question[end - 4:end - 2] == b"\0\1"
            answer = b"\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4" + socket.inet_aton("198.51.100.7") if is_ipv4 else b""
            server.sendto(question[:2] + b"\x81\x80\0\1" + (b"\0\1" if is_ipv4 else b"\0\0") + b"\0\0\0\0"
                          + question[12:end] + answer, peer)


def ask(kind: str, address: str, port: str) -> None:
    sort = socket.SOCK_DGRAM if kind == "udp" else socket.SOCK_STREAM
    with socket.socket(family(address), sort) as client:
        client.settimeout(5 * SECONDS if kind == "web" else SECONDS)
        try:
            client.connect((address, int(port)))
            if kind != "tcp":
                client.send(b"hello\n")
            print(client.recv(100).decode().strip() or "closed")
        except TimeoutError:
            print("timeout")
        except OSError as error:
            print({errno.ECONNREFUSED: "refused"}.get(error.errno, errno.errorcode[error.errno]))


if __name__ == "__main__":
    {"tcp": tcp, "web": web, "udp": udp, "dns": dns, "ask": ask}[sys.argv[1]](*sys.argv[2:])
