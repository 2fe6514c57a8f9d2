"""A venue on this machine that speaks as Hyperliquid does: a WebSocket at /ws and POST /info, on one port.

Written from RFC 6455 and not from our client. Prices walk by a fixed rule; times are now. For tests of whole programs:
`with LocalVenue() as venue: venue.address`.
"""

import base64
import hashlib
import json
import socket
import struct
import threading
import time

COINS = {"BTC": 97_000.0, "ETH": 3_400.0}
MAGIC = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


def frame(opcode, payload):
    """An unmasked frame, as a server sends it."""
    size = len(payload)
    if size < 126:
        head = struct.pack(">BB", 0x80 | opcode, size)
    elif size < 1 << 16:
        head = struct.pack(">BBH", 0x80 | opcode, 126, size)
    else:
        head = struct.pack(">BBQ", 0x80 | opcode, 127, size)
    return head + payload


class LocalVenue:
    def __init__(self, frames_per_second=200, frames_max=None):
        self.period = 1 / frames_per_second
        self.frames_max = frames_max
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.address = f"ws://127.0.0.1:{self.port}/ws"
        self.questions = []
        self.ended = threading.Event()
        self.connections = []

    def __enter__(self):
        threading.Thread(target=self.accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.listener.close()
        for connection in self.connections:
            connection.close()

    def accept(self):
        while not self.ended.is_set():
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.connections.append(connection)
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        try:
            stream = connection.makefile("rb")
            first = stream.readline().decode()
            fields = {}
            while line := stream.readline().strip():
                name, _, value = line.decode().partition(":")
                fields[name.strip().lower()] = value.strip()
            if first.startswith("POST /info "):
                body = stream.read(int(fields.get("content-length", 0)))
                self.answer(connection, json.loads(body))
            elif "sec-websocket-key" in fields:
                self.upgrade(connection, stream, fields["sec-websocket-key"])
        except (OSError, ValueError):
            pass
        finally:
            connection.close()

    def answer(self, connection, question):
        self.questions.append(question)
        text = json.dumps(self.history(question)).encode()
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n"
                           + f"Content-Length: {len(text)}\r\n\r\n".encode() + text)

    def history(self, question):
        kind = question["type"]
        if kind == "meta":
            return {"universe": [{"szDecimals": 5, "name": coin, "maxLeverage": 50} for coin in COINS]}
        if kind == "candleSnapshot":
            asked = question["req"]
            coin, rows = asked["coin"], []
            for start in range(asked["startTime"] // 60_000 * 60_000, asked["endTime"], 60_000):
                step = start // 60_000
                low, high = sorted((self.price(coin, step), self.price(coin, step + 1)))
                rows.append({
                    "t": start, "T": start + 59_999, "s": coin, "i": "1m", "o": self.price(coin, step),
                    "c": self.price(coin, step + 1), "h": high, "l": low, "v": "1.5", "n": 9})
            return [{k: str(v) if k in "ochl" else v for k, v in row.items()} for row in rows]
        if kind == "fundingHistory":
            hours = range(question["startTime"] // 3_600_000 + 1, question["endTime"] // 3_600_000 + 1)
            return [{"coin": question["coin"], "fundingRate": "0.0000125", "premium": "0.0001",
                     "time": hour * 3_600_000} for hour in hours]
        return []

    @staticmethod
    def price(coin, step):
        """Up and down by a rule, so that detectors have something to look at."""
        return round(COINS[coin] * (1 + ((step * 7919) % 41 - 20) / 20_000 + ((step * 31) % 601 - 300) / 200_000), 1)

    def upgrade(self, connection, stream, key):
        accept = base64.b64encode(hashlib.sha1(key.encode() + MAGIC).digest())
        connection.sendall(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                           b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n")
        lock, subscriptions = threading.Lock(), []

        def send(opcode, payload):
            with lock:
                connection.sendall(frame(opcode, payload))

        sender = threading.Thread(target=self.send_market, args=(send, subscriptions), daemon=True)
        sender.start()
        while head := stream.read(2):
            opcode, size = head[0] & 15, head[1] & 127
            if size == 126:
                size = struct.unpack(">H", stream.read(2))[0]
            elif size == 127:
                size = struct.unpack(">Q", stream.read(8))[0]
            mask = stream.read(4)
            payload = bytes(byte ^ mask[place % 4] for place, byte in enumerate(stream.read(size)))
            if opcode == 8:
                return send(8, payload)
            if opcode == 9:
                send(10, payload)
            if opcode != 1:
                continue
            message = json.loads(payload)
            if message.get("method") == "ping":
                send(1, b'{"channel":"pong"}')
            elif message.get("method") == "subscribe":
                send(1, json.dumps({"channel": "subscriptionResponse", "data": message}).encode())
                subscriptions.append(message["subscription"])

    def send_market(self, send, subscriptions):
        count = 0
        try:
            while not self.ended.wait(self.period) and (self.frames_max is None or count < self.frames_max):
                if subscriptions:
                    count += 1
                    send(1, json.dumps(self.message(subscriptions[count % len(subscriptions)], count)).encode())
        except OSError:
            pass

    def message(self, subscription, count, now=None):
        """The count-th message, about the moment `now` in milliseconds."""
        coin, kind = subscription["coin"], subscription["type"]
        now, price = now or int(time.time() * 1000), self.price(subscription["coin"], count // 8)
        if kind == "trades":
            return {"channel": "trades", "data": [{
                "coin": coin, "side": "BA"[count // 8 % 2], "px": str(price), "sz": f"0.{count % 9 + 1}", "time": now,
                "hash": "0x0", "tid": now * 1_000 + count % 1_000, "users": ["0x1", "0x2"]}]}
        bids = [{"px": f"{price - 0.5 * n:.1f}", "sz": f"{(count + n) % 7 + 1}.0", "n": n} for n in range(1, 11)]
        asks = [{"px": f"{price + 0.5 * n:.1f}", "sz": f"{(count * 3 + n) % 7 + 1}.0", "n": n} for n in range(1, 11)]
        if kind == "bbo":
            return {"channel": "bbo", "data": {"coin": coin, "time": now, "bbo": [bids[0], asks[0]]}}
        if kind == "l2Book":
            book = {"coin": coin, "time": now, "levels": [bids, asks]}
            return {"channel": "l2Book", "data": book | ({"fast": True} if subscription.get("fast") else {})}
        prices = {name: str(price) for name in ("prevDayPx", "oraclePx", "markPx", "midPx")}
        return {"channel": "activeAssetCtx", "data": {"coin": coin, "ctx": prices | {
            "funding": "0.0000125", "openInterest": "20000.5", "dayNtlVlm": "1000000.0", "premium": "0.0001",
            "impactPxs": [bids[0]["px"], asks[0]["px"]], "dayBaseVlm": "10.0"}}}
