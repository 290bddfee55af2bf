#!/usr/bin/env python3
"""The core of a reader of Sealift bundles: about 150 lines of code, from FORMAT.md alone; numbers are its sections.

usage: core_reader.py BUNDLE.sealift PUBLIC_KEY.pem      exit status 0: OK, 1: refused, 2: usage, 3: unreadable

OK says: this Ed25519 key has released this bundle, all of its bytes are there, and nothing else is. Everything follows
from the bundle document and the envelopes, so all else is made from them again and compared, byte by byte. What signers
may not say (5, 7, 9 to 12), the folder form, and which code a refusal has, are left to second_reader.py.
"""
import base64
import hashlib
import json
import subprocess
import sys
import tempfile

IMAGE, REF = 'oci.image.manifest.v1+json', 'org.opencontainers.image.ref.name'
TYPES = {'model-config': 'cncf.model.weight.config', 'doc': 'cncf.model.doc', 'config': 'sealift.config',
         'engine': 'sealift.engine', 'kernel': 'sealift.kernel', 'weights': 'cncf.model.weight'}    # in the order of 4


def need(good, what):
    if not good:
        raise ValueError(what)


def read_json(data):                                                                                                 # 5
    def once(pairs):
        need(len(dict(pairs)) == len(pairs), 'a member comes twice')
        return dict(pairs)
    return json.loads(data.decode(), object_pairs_hook=once)


def spelled(value):
    return json.dumps(value, ensure_ascii=False, separators=(',', ':')).encode()


def reference(data):
    return {'digest': 'sha256:' + hashlib.sha256(data).hexdigest(), 'size_bytes': len(data)}


# --- 2: the file form ------------------------------------------------------------------------------------------------
def pieces(file, offset, size):
    for at in range(offset, offset + size, 524288):
        file.seek(at)
        yield file.read(min(524288, offset + size - at))


def read(file, offset, size):
    need(size <= 64 << 20, f'{size} bytes')
    return b''.join(pieces(file, offset, size))


def header(name, size):
    octets = b'%011o\0' % size if size < 1 << 33 else b'\x80' + size.to_bytes(11, 'big')
    block = (name.encode().ljust(100, b'\0') + b'0000644\0' + b'0000000\0' * 2 + octets + b'0' * 11 + b'\0' + b' ' * 8
             + b'0' + bytes(100) + b'ustar  \0' + bytes(247))
    return block[:148] + b'%06o\0 ' % sum(block) + block[156:]


def walk(file):
    """(name, offset, size) of each entry; what this makes of a broken header is compared in check_places."""
    at = 0
    while any(block := read(file, at, 512)):
        octets = block[124:136]
        size = int.from_bytes(octets[1:], 'big') if octets[0] == 0x80 else int(octets[:11], 8)
        yield block[:100].rstrip(b'\0').decode(), at + 512, size
        at += 512 + size + -size % 512


def check_places(file, contents):
    """Each header, fill and padding is the one that follows from {name: size}, and so is the end."""
    at, paddings = 0, 0
    for name, size in contents.items():
        gap = 65536 - (at + 512) % 65536
        if size >= 65536 and gap < 65536:
            paddings += 1
            padding = header(f'sealift-padding/{paddings:08}', gap - 512) + bytes(gap - 512)
            need(read(file, at, gap) == padding, f'padding {paddings}')
            at += gap
        end, fill = at + 512 + size, -size % 512
        need(read(file, at, 512) == header(name, size) and not any(read(file, end, fill)), f'header or fill of {name}')
        at = end + fill
    need(read(file, at, 1025) == bytes(1024), f'the end, at {at}')


# --- 6, 8: what follows from the document and the envelopes ----------------------------------------------------------
def described(media, content, path=None):
    """A descriptor of bytes, or of what the document has a reference to."""
    content = reference(content) if type(content) is bytes else content
    plain = {'mediaType': 'application/vnd.' + media, 'digest': content['digest'], 'size': content['size_bytes']}
    notes = {'org.cncf.model.filepath': path, 'org.opencontainers.image.title': path}
    return {**plain, 'annotations': notes} if path else plain


def manifest(kind, config, layers, **subject):
    return spelled({'schemaVersion': 2, 'mediaType': 'application/vnd.' + IMAGE,
                    'artifactType': 'application/vnd.' + kind, 'config': config, 'layers': layers, **subject})


def derive(document, data, files):
    """Bundle manifest, model manifest and model config."""
    about = {'name': document['name'], **document['model'], 'version': document['version']}
    about['paramSize'] = about.get('parameters')
    of_model, of_config = ({name: about[name] for name in names.split() if about.get(name)} for names in (
        'family name version licenses', 'architecture format paramSize precision quantization'))
    layers = [(one['role'], described(TYPES[one['role']] + '.v1.raw', one, one['path'])) for one in files]
    content = [layer for role, layer in layers if role in ('model-config', 'doc', 'weights')]
    papers = [described('sealift.profile.v1.raw', document['target'], 'sealift/profile.json'),
              described('cyclonedx+json', document['boms']['software'], 'sealift/software.cdx.json'),
              described('cyclonedx+json', document['boms']['hardware_design'], 'sealift/hardware.design.cdx.json')]
    papers += [described('sealift.chunk-table.v1.raw', one['chunk_table'], 'sealift/chunks/' + one['path'])
               for one in files if 'chunk_table' in one]
    papers += [layer for role, layer in layers if role in ('config', 'engine', 'kernel')]
    model_files = {'type': 'layers', 'diffIds': [layer['digest'] for layer in content]}
    config = spelled({'descriptor': of_model, 'modelfs': model_files, 'config': of_config})
    return (manifest('sealift.bundle.v1+json', described('sealift.bundle.document.v1+json', data), papers),
            manifest('cncf.model.manifest.v1+json', described('cncf.model.config.v1+json', config), content), config)


def listing(manifests):                                                                                            # 6.4
    tags = ['bundle', 'model'] + ['attestation-' + reference(data)['digest'][7:23] for data in manifests[2:]]
    return spelled({'schemaVersion': 2, 'manifests': [
        {**described(IMAGE, data), 'annotations': {REF: tag}} for data, tag in zip(manifests, tags)]})


def read_documents(file):
    """Document, bundle manifest, envelopes, files, and {name: size} of all that has to be there, in its order (4)."""
    entries = list(walk(file))
    data, index = (read(file, *entries[number][1:]) for number in (3, 1))
    document = read_json(data)
    files = sorted(document['files'], key=lambda one: (list(TYPES).index(one['role']), one['path']))
    bundle, model, config = derive(document, data, files)
    need(spelled(document) == data and document['model_manifest'] == reference(model), 'bundle document')
    attested = {}                                                   # manifest: envelope
    for number in range(6, 2 + 2 * len(read_json(index)['manifests']), 2):
        given, envelope = (read(file, *place) for _, *place in entries[number:number + 2])
        kind = read_json(given)['artifactType'].removeprefix('application/vnd.')    # 6.5: for people, decides nothing
        layers = [described('dsse.envelope.v1+json', envelope)]
        empty, subject = described('oci.empty.v1+json', b'{}'), described(IMAGE, bundle)
        attested[manifest(kind, empty, layers, subject=subject)] = envelope
    rising = sorted(attested, key=lambda data: reference(data)['digest'])
    need(list(attested) == rising and index == listing([bundle, model, *rising]), 'index.json')
    papers = [bundle, data, model, config] + sum(map(list, attested.items()), []) + [b'{}'] * bool(attested)
    tables = [one['chunk_table'] for one in files if 'chunk_table' in one]
    boms = [document['boms'][name] for name in ('software', 'hardware_design')]
    contents = [reference(paper) for paper in papers] + [document['target'], *boms, *tables, *files]
    sizes = {'oci-layout': 30, 'index.json': len(index)}
    for content in contents:
        sizes.setdefault('blobs/sha256/' + content['digest'][7:], content['size_bytes'])
    check_places(file, sizes)
    places = {name: place for name, *place in entries}
    need(read(file, *places['oci-layout']) == b'{"imageLayoutVersion":"1.0.0"}', 'oci-layout')
    return document, bundle, attested.values(), places


# --- 11.4: trust by key ----------------------------------------------------------------------------------------------
def is_signed(message, signature, public_key):
    with tempfile.NamedTemporaryFile() as file:
        file.write(message)
        file.flush()
        command = f'openssl pkeyutl -verify -rawin -pubin -in {file.name} -sigfile /dev/stdin -inkey'.split()
        return subprocess.run(command + [public_key], input=signature, capture_output=True).returncode == 0


def is_release(envelope, bundle, public_key):
    """A release of this bundle, signed by this key."""
    envelope = read_json(envelope)
    kind, payload = envelope['payloadType'], base64.urlsafe_b64decode(envelope['payload'])
    message = f'DSSEv1 {len(kind.encode())} {kind} {len(payload)} '.encode() + payload
    signatures = [base64.urlsafe_b64decode(one['sig']) for one in envelope['signatures']]
    if kind != 'application/vnd.in-toto+json' or not any(is_signed(message, one, public_key) for one in signatures):
        return False
    statement = read_json(payload)
    subjects = ['sha256:' + subject['digest']['sha256'] for subject in statement['subject']]
    return statement['predicateType'] == 'urn:sealift:release/v1' and subjects == [reference(bundle)['digest']]


# --- 13: content -----------------------------------------------------------------------------------------------------
def up(data):
    return b''.join(hashlib.sha256(data[at:at + 4096].ljust(4096, b'\0')).digest() for at in range(0, len(data), 4096))


def verity(level, size):
    while len(level) > 32:
        level = up(level)
    descriptor = b'\1\1\x0c\0' + bytes(4) + size.to_bytes(8, 'little') + level.ljust(32, b'\0')
    return 'sha256:' + hashlib.sha256(descriptor.ljust(256, b'\0')).hexdigest()


def check_content(file, name, offset, size, listed):
    """The SHA-256 of an entry, and the trees of the files that the document lists under this digest."""
    flat, table = hashlib.sha256(), b''
    for piece in pieces(file, offset, size):
        flat.update(piece)
        table += up(piece) if size <= 4096 else up(up(piece))
    need(name == 'blobs/sha256/' + flat.hexdigest(), f'{name}: other bytes')
    for one in listed:
        need(one['size_bytes'] == size and one['fs_verity_digest'] == verity(table, size), f'{one["path"]}: the tree')
        need(one.get('chunk_table') == (reference(table) if size > 524288 else None), f'{one["path"]}: the chunk table')


def main():
    if len(sys.argv) != 3:
        return print(__doc__, file=sys.stderr) or 2
    try:
        with open(sys.argv[1], 'rb') as file:
            document, bundle, envelopes, places = read_documents(file)
            need(any([is_release(one, bundle, sys.argv[2]) for one in envelopes]), 'this key has not released it')
            for name, place in places.items():
                if name.startswith('blobs/'):
                    listed = [one for one in document['files'] if name.endswith(one['digest'][7:])]
                    check_content(file, name, *place, listed)
    except OSError as error:
        return print(error, file=sys.stderr) or 3
    except (ValueError, LookupError, TypeError, RecursionError) as error:
        return print(f'refused: {error!a}') or 1
    print('OK', reference(bundle)['digest'])


sys.exit(main())
