#!/usr/bin/env python3
"""make_ec_key_corpus.py NAME FOLDER: a byte for the type, then a signature in DER or a point."""

import sys

from corpus import write_corpus

# RFC 6979, A.2.5 and GB/T 32918.5-2017, annex A.2: points, signatures and orders
P256 = bytes.fromhex(
    "0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
    "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299")
SM2 = bytes.fromhex(
    "0409f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020"
    "ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13")
P256_R = 0xefd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716
P256_S = 0xf7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8
SM2_R = 0xf5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3
SM2_S = 0xb1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa
P256_N = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551
SM2_N = 0xfffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123


def integer(value):
    data = value.to_bytes(value.bit_length() // 8 + 1, "big")
    return b"\x02" + bytes([len(data)]) + data


def der(r, s):
    both = integer(r) + integer(s)
    return b"\x30" + bytes([len(both)]) + both


seeds = {}
for name, mark, point, r, s, n in (("p256", b"\0", P256, P256_R, P256_S, P256_N),
                                   ("sm2", b"\1", SM2, SM2_R, SM2_S, SM2_N)):
    good = der(r, s)
    seeds |= {
        name: mark + good,
        name + "-point": mark + point,
        name + "-hybrid": mark + b"\6" + point[1:],
        name + "-compressed": mark + b"\2" + point[1:33],
        name + "-small": mark + der(1, 1),
        name + "-zero": mark + der(0, s),
        name + "-n": mark + der(n, s),
        name + "-below-n": mark + der(n - 1, n - 1),
        name + "-over-n": mark + der(r, n + 1),
        name + "-negative": mark + b"\x30\x06\x02\x01\xff\x02\x01\x01",
        name + "-padded": mark + b"\x30\x07\x02\x02\x00\x01\x02\x01\x01",
        name + "-long-form": mark + b"\x30\x81" + good[1:],
        name + "-indefinite": mark + b"\x30\x80" + good[2:] + b"\0\0",
        name + "-trailing": mark + good + b"\0",
        name + "-cut": mark + good[:-1],
        name + "-bare": mark + r.to_bytes(32, "big") + s.to_bytes(32, "big"),
    }
write_corpus(sys.argv[2], seeds)
