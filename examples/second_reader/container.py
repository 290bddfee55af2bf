"""The bytes of a bundle: sections 2, 3 and 13 of manifests/FORMAT.md, and step 8 of section 15.

An entry is (path, offset, size): of the bundle file, or of one file of the folder.
"""
import hashlib
import os
import re
import stat

from documents import need, reference


def name_of(content):
    return 'blobs/sha256/' + content['digest'][7:]


def pieces(path, offset, size):
    with open(path, 'rb') as file:
        file.seek(offset)
        for at in range(0, size, 524288):
            yield file.read(min(524288, size - at))


def header(name, size):
    octets = b'%011o\0' % size if size < 1 << 33 else b'\x80' + size.to_bytes(11, 'big')
    block = (name.ljust(100, b'\0') + b'0000644\0' + b'0000000\0' * 2 + octets + b'0' * 11 + b'\0' + b' ' * 8 + b'0'
             + bytes(100) + b'ustar  \0' + bytes(247))
    return block[:148] + b'%06o\0 ' % sum(block) + block[156:]


def walk_file(path):
    entries, at, length = {}, 0, os.path.getsize(path)
    while True:
        block = b''.join(pieces(path, at, 512))
        need(len(block) == 512, 'FORMAT-TRUNCATED', path, f'no block at {at}')
        need(at or block[:11] == b'oci-layout\0', 'FORMAT-NOT-A-BUNDLE', path)
        if not any(block):
            return entries
        name, octal = block[:100].split(b'\0')[0], re.match(rb'[0-7]+', block[124:136])
        size = int.from_bytes(block[125:136], 'big') if block[124] == 0x80 else int(octal[0], 8) if octal else 0
        total = b'%o' % (sum(block) - sum(block[148:156]) + 8 * 32)
        odd_kind = block[156:157] != b'0' and block[148:156].strip(b'\0 ').lstrip(b'0') == total
        need(not odd_kind, 'FORMAT-ENTRY', f'header at {at}', f'kind {block[156:157]}')
        need(block == header(name, size) and 0 < len(name) < 100, 'FORMAT-HEADER', f'header at {at}')
        name = name.decode('latin-1')
        need(name not in entries, 'FORMAT-DUPLICATE', name)
        need(size <= 1 << 62 and len(entries) < 1000000, 'FORMAT-LIMIT', name, 'size, or number of entries')
        entries[name] = path, at + 512, size
        at += 512 + size + -size % 512
        need(at <= length, 'FORMAT-TRUNCATED', name, 'goes on behind the end of the file')


def walk_folder(top):
    entries = {}
    for folder, folders, files in os.walk(top):
        for path in (os.path.join(folder, name) for name in folders + files):
            name, mode = os.path.relpath(path, top), os.lstat(path).st_mode
            need(not stat.S_ISLNK(mode), 'LAYOUT-LINK', name)
            folder_of_ours = stat.S_ISDIR(mode) and name in ('blobs', 'blobs/sha256')
            need(stat.S_ISREG(mode) or folder_of_ours, 'FORMAT-ENTRY', name, 'not a regular file')
            if stat.S_ISREG(mode):
                entries[name] = path, 0, os.lstat(path).st_size
    need('oci-layout' in entries, 'FORMAT-NOT-A-BUNDLE', top)
    return entries


def load(entries, name, limit=64 << 20):
    need(name in entries, 'LAYOUT-BLOB-MISSING', name, 'is not there')
    need(entries[name][2] <= limit, 'FORMAT-LIMIT', name, 'size')
    return b''.join(pieces(*entries[name]))


def blob(entries, wanted, limit=64 << 20):
    data = load(entries, name_of(wanted), limit)
    need(len(data) == wanted['size_bytes'], 'CONTENT-SIZE', name_of(wanted), f'{len(data)}, not {wanted["size_bytes"]}')
    need(reference(data)['digest'] == wanted['digest'], 'CONTENT-DIGEST', name_of(wanted), 'other bytes')
    return data


def check_world(entries, sizes, top):
    plan, at, paddings = {}, 0, 0
    for name, size in sizes.items():
        if size >= 65536 and (at + 512) % 65536 and os.path.isfile(top):
            paddings, gap = paddings + 1, 65536 - (at + 512) % 65536
            plan[f'sealift-padding/{paddings:08}'], at = gap - 512, at + gap
        plan[name], at = size, at + 512 + size + -size % 512
    need(at <= 1 << 62, 'FORMAT-LIMIT', top, 'size')
    for name in plan.keys() - entries.keys():
        need(not name.startswith('blobs/'), 'LAYOUT-BLOB-MISSING', name)
    for name in entries.keys() - plan.keys():
        need(not name.startswith('blobs/sha256/'), 'LAYOUT-BLOB-SPARE', name)
    need(entries.keys() == plan.keys(), 'FORMAT-ENTRY', top, f'{entries.keys() ^ plan.keys()}')
    need(os.path.isdir(top) or list(entries) == list(plan), 'FORMAT-ENTRY', top, 'order of the entries')
    for name, (_, _, size) in entries.items():
        need(size == plan[name], 'CONTENT-SIZE', name, f'{size}, not {plan[name]}')
    if os.path.isfile(top):
        for name, (_, offset, size) in entries.items():
            data = 0 if name.startswith('sealift-padding/') else size
            blank = pieces(top, offset + data, size + -size % 512 - data)
            need(not any(map(any, blank)), 'FORMAT-PADDING', name, 'not zero')
        need(os.path.getsize(top) >= at + 1024, 'FORMAT-TRUNCATED', top, 'the closing blocks')
        need(os.path.getsize(top) == at + 1024, 'FORMAT-TRAILING', top, f'ends at {at + 1024}')
        need(not any(b''.join(pieces(top, at, 1024))), 'FORMAT-PADDING', top, 'the closing blocks')


# --- 13: the tree ----------------------------------------------------------------------------------------------------
def up(data):
    """The hash of each block of 4096 bytes, the last one filled with zeros."""
    return b''.join(hashlib.sha256(data[at:at + 4096].ljust(4096, b'\0')).digest() for at in range(0, len(data), 4096))


def verity(level, size):
    """The fs-verity digest, from the chunks of a file, or its one leaf, or nothing."""
    while len(level) > 32:
        level = up(level)
    descriptor = b'\1\1\x0c\0' + bytes(4) + size.to_bytes(8, 'little') + level.ljust(32, b'\0')
    return 'sha256:' + hashlib.sha256(descriptor.ljust(256, b'\0')).hexdigest()
