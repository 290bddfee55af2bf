# What others have specified and the reader stands on: strict JSON, JSON Schema, OCI, tar, DSSE, fs-verity.
# Many languages have libraries for it, Python's own has none. Numbers are sections of manifests/FORMAT.md.
import base64
import hashlib
import itertools
import json
import math
import mmap
import pathlib
import re
import subprocess
import tempfile
import unicodedata

ROOT = pathlib.Path(__file__).resolve().parents[2]
TEXT = (ROOT / 'manifests/FORMAT.md').read_text('utf-8')
FORMS = json.loads((ROOT / 'manifests/bundle.schema.json').read_text('utf-8'))['$defs']
FORMS['profile'] = json.loads((ROOT / 'profiles/profile.schema.json').read_text('utf-8'))
TYPES = {'object': dict, 'array': list, 'string': str, 'integer': int, 'boolean': bool}
VENDOR, IMAGE, IN_TOTO = 'application/vnd.', 'oci.image.manifest.v1+json', 'application/vnd.in-toto+json'


class No(Exception):
    pass


def need(good, code, where):
    if not good:
        raise No(f'SL-{code} {where}')


def mapped(path):
    with path.open('rb') as file:
        return memoryview(mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ) if path.stat().st_size else b'')


def reference(data):
    return {'digest': 'sha256:' + hashlib.sha256(data).hexdigest(), 'size_bytes': len(data)}


def sm3(data):
    return hashlib.new('sm3', data).hexdigest()


def folded(path):
    return unicodedata.normalize('NFD', unicodedata.normalize('NFD', path).casefold())


# --- 5: strict JSON -----------------------------------------------------------------------------------------
def canonical(value):
    return json.dumps(value, ensure_ascii=False, separators=(',', ':')).encode()


def read_json(data, kind):
    form = {'maxDepth': 32, 'maxMembers': 10000, 'maxBytes': 64 << 20, **FORMS[kind]}

    def check(good, code, what):
        need(good, form.get('code', code), f'{kind}: {what}')

    def once(pairs):
        check(len(dict(pairs)) == len(pairs), 'FORMAT-DUPLICATE', 'a member comes twice')
        check(len(pairs) <= form['maxMembers'], 'FORMAT-LIMIT', 'members')
        return dict(pairs)

    def whole(digits):
        check(-1 << 63 <= int(digits) < 1 << 63, 'FORMAT-JSON', digits)
        return int(digits)

    need(len(data) <= form['maxBytes'], form.get('tooLarge', 'FORMAT-LIMIT'), kind)
    try:
        value = json.loads(str(data, 'utf-8'), object_pairs_hook=once, parse_int=whole, parse_constant=whole,
                           parse_float=float if 'fractions' in form else whole)
        spread = json.dumps(value, ensure_ascii=False, indent=1).replace('\\\\', '')
        check(spread.encode() and '\\u0000' not in spread, 'FORMAT-JSON', 'NUL')    # no UTF-8 for half a pair
    except ValueError as error:
        check(False, 'FORMAT-JSON', error)
    except RecursionError:
        check(False, 'FORMAT-LIMIT', 'depth')
    too_deep = re.search(r'^ {%d,}("(\\.|[^"\\])*": )?[{\[]' % form['maxDepth'], spread, re.MULTILINE)
    check(not too_deep, 'FORMAT-LIMIT', 'depth')
    check(type(value) is dict and fits(value, form), 'FORMAT-DOCUMENT', 'not what its schema says')
    spelled = 'canonical' not in form or canonical(value) == data
    check(spelled, 'FORMAT-DOCUMENT', 'not the canonical spelling')
    return value


# --- 5.1: JSON Schema, the keywords in use, and those of ours -----------------------------------------------
def fits(value, form):
    if type(form) is bool or '$ref' in form:
        return form if type(form) is bool else fits(value, FORMS[form['$ref'].removeprefix('#/$defs/')])
    kind, known, rest = type(value), form.get('properties', {}), form.get('additionalProperties', True)
    size = len(value.encode() if kind is str else value) if kind in (str, list, dict) else value
    good = (kind is TYPES.get(form.get('type'), kind) and value in form.get('enum', [value])
            and all(size >= form[word] for word in ('minimum', 'minLength', 'minItems') if word in form)
            and all(size <= form[word] for word in ('maximum', 'maxLength', 'maxItems') if word in form)
            and (kind is not str or re.search(form.get('pattern', '').replace('$', r'\Z'), value))
            and (kind is not list or all(fits(part, form.get('items', True)) for part in value))
            and ('contains' not in form or any(fits(part, form['contains']) for part in value))
            and (kind is not dict or value.keys() >= set(form.get('required', [])))
            and (kind is not dict or len(value) >= form.get('minProperties', 0))
            and (kind is not dict or all(fits(value[name], known.get(name, rest)) for name in value))
            and (kind is not dict or all(fits(name, form.get('propertyNames', True)) for name in value))
            and any(fits(value, one) for one in form.get('anyOf', [True])) and fits_ours(value, form))
    coded = 'code' in form and kind is TYPES[form['type']]
    need(good or not coded, form.get('code'), f'{value!r:.99}')
    return good


def fits_ours(value, form):
    by, many = form.get('rising', form.get('unique')), form.get('within', [])
    keys = [] if by is None else [tuple(part.get(name, '') for name in by) if by else part for part in value]
    return (('inOrder' not in form or list(value) == [name for name in form['properties'] if name in value])
            and ('maxPart' not in form or max(map(len, value.encode().split(b'/'))) <= form['maxPart'])
            and math.prod(value[name] for name in form.get('product', [])) <= form.get('maxProduct', 1)
            and ('rising' not in form or rises(keys)) and len(keys) == len(set(keys))
            and all(select(value, one) <= select(value, others) for one, others in many)
            and not any(select(value, one) & select(value, other) for one, other in form.get('apart', [])))


def rises(keys):
    return all(first < second for first, second in itertools.pairwise(keys))


def parts_of(value):
    return list(value.values()) if type(value) is dict else value if type(value) is list else []


def select(value, way):
    # What stands at the end of a way. Its steps: members; * for all parts; ** for all at any depth; and
    # member=texts for those parts whose member is one of the texts.
    here = [value]
    for step in way.split('/'):
        names, _, texts = step.partition('=')
        if texts:
            here = [whole for whole in here if whole[names] in texts.split(',')]
        elif step == '*':
            here = [part for whole in here for part in parts_of(whole)]
        elif step == '**':
            for whole in here:                                              # grows while it is walked
                here += parts_of(whole)
        else:
            objects = [whole for whole in here if type(whole) is dict]
            here = [whole[name] for whole in objects for name in names.split(',') if name in whole]
    return set(here)


# --- 6.1, 6.2: OCI ------------------------------------------------------------------------------------------
def described(media, content, path=None):
    plain = {'mediaType': VENDOR + media, 'digest': content['digest'], 'size': content['size_bytes']}
    notes = {'org.cncf.model.filepath': path, 'org.opencontainers.image.title': path}
    return {**plain, 'annotations': notes} if path else plain


def manifest(kind, config, layers, **subject):
    value = {'schemaVersion': 2, 'mediaType': VENDOR + IMAGE, 'artifactType': VENDOR + kind,
             'config': described(*config), 'layers': [described(*layer) for layer in layers], **subject}
    return canonical(value)


# --- 2.1: GNU tar -------------------------------------------------------------------------------------------
HEADER = re.compile(
    rb'(?=.{99}\0)([^\0]+)\0+(?<=\A.{100})0000644\0(?:0000000\0){2}(?:([0-7]{11})\0|'
    rb'\x80(?!\0{6}[\0\1])(.{11}))0{11}\0([0-7]{6})\0 (.)\0{100}ustar  \0{248}', re.DOTALL)


def tar_headers(data):
    # Name, type, offset and size of what stands behind each header, up to the first that is none.
    at = count = 0
    while field := HEADER.fullmatch(bytes(data[at:at + 512])):
        size = int(field[2] or b'0', 8) or int.from_bytes(field[3] or b'', 'big')
        total = sum(data[at:at + 512]) - sum(data[at + 148:at + 156]) + 8 * 32
        need(int(field[4], 8) == total, 'FORMAT-HEADER', f'checksum at {at}')
        need(count < 1000000, 'FORMAT-LIMIT', 'entries')
        yield field[1].decode('latin-1'), field[5], at + 512, size
        at, count = at + 512 + size + -size % 512, count + 1


# --- 11.1 to 11.3: DSSE, Ed25519, in-toto -------------------------------------------------------------------
def is_signed(message, signature, key):
    with tempfile.NamedTemporaryFile() as file:
        file.write(message)
        file.flush()
        command = f'openssl pkeyutl -verify -rawin -pubin -in {file.name} -sigfile /dev/stdin -inkey'.split()
        return subprocess.run([*command, key], input=signature, capture_output=True).returncode == 0


def open_envelope(data, key):
    # Payload type, statement or None, whether the key has signed it, and whether a signature names the key.
    envelope = read_json(data, 'envelope')
    kind, payload = envelope['payloadType'], base64.urlsafe_b64decode(envelope['payload'])
    message = f'DSSEv1 {len(kind.encode())} {kind} {len(payload)} '.encode() + payload
    signed = [is_signed(message, base64.urlsafe_b64decode(one['sig']), key) for one in envelope['signatures']]
    der = base64.b64decode(pathlib.Path(key).read_text().split('-----')[2])
    if len(der) != 44 or not der.startswith(bytes.fromhex('302a300506032b6570032100')):
        raise OSError(f'{key} is not an Ed25519 key')
    named = [one.get('keyid') == hashlib.sha256(der).hexdigest() for one in envelope['signatures']]
    try:
        statement = read_json(payload, 'statement') if kind == IN_TOTO else None
    except No:
        statement = None
    return kind, statement, any(signed), any(named)


# --- 13: fs-verity ------------------------------------------------------------------------------------------
def up(data):
    blocks = (bytes(data[at:at + 4096]).ljust(4096, b'\0') for at in range(0, len(data), 4096))
    return b''.join(hashlib.sha256(block).digest() for block in blocks)


def hashes_of(data):
    # Of each chunk of 524288 bytes; of up to 4096 bytes, the one leaf.
    pieces = (data[at:at + 524288] for at in range(0, len(data), 524288))
    return up(data) if len(data) <= 4096 else b''.join(up(up(piece)) for piece in pieces)


def verity(hashes, size):
    while len(hashes) > 32:
        hashes = up(hashes)
    descriptor = b'\1\1\x0c\0' + bytes(4) + size.to_bytes(8, 'little') + hashes.ljust(32, b'\0')
    return reference(descriptor.ljust(256, b'\0'))['digest']
