# Sourced by stories about kernels.

# elf FILE MACHINE FLAGS ABI: an ELF header, which is all that says the chip.
elf() {
    mkdir -p "$(dirname "$1")"
    python3 - "$@" << 'PYTHON'
import struct, sys
name, machine, flags, abi = sys.argv[1], *(int(text, 0) for text in sys.argv[2:])
identity = b"\x7fELF\x02\x01\x01\x00" + bytes([abi]) + bytes(7)
with open(name, "wb") as file:
    file.write(identity + struct.pack("<HHIQQQIHHHHHH", 2, machine, 1, 0, 0, 0, flags, 64, 56, 0, 64, 0, 0))
PYTHON
}
