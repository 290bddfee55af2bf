"""Writes small bundles, as manifests/FORMAT.md says, and lets each step be changed. Numbers are sections of that page.

build(target, form, files, **changes): every change is a function of what a step has made; it alters that, or returns
something else instead. All that follows is made from the altered thing, so that a bundle has the one defect only.

    tables          the chunk tables, by path
    document        the bundle document, before model config and model manifest are made from it
    config, model   the model config and the model manifest
    full_document   the document, with its reference to the model manifest
    profile         the bytes of the profile
    document_bytes, bundle, bundle_bytes
    statement, payload, pae, envelope, envelope_bytes, label, attestation, attestation_bytes: of the releases
    index, index_bytes
    entries         a list of [name, data], with the layout marker and the index
    tar             a list of [header, data, fill], with the padding entries
    raw             the bytes of the file
    folder          the folder that has been written
"""
import base64
import copy
import hashlib
import json
import os
import pathlib
import subprocess
import tempfile

BLOCK, ALIGNMENT, LEAF, CHUNK = 512, 65536, 4096, 524288
ROLES = {'model-config': 'cncf.model.weight.config', 'doc': 'cncf.model.doc', 'config': 'sealift.config',
         'engine': 'sealift.engine', 'kernel': 'sealift.kernel', 'weights': 'cncf.model.weight'}
MODEL_ROLES = ('model-config', 'doc', 'weights')
IMAGE = 'application/vnd.oci.image.manifest.v1+json'

PROFILE = {
    'schema': 'sealift.profile/1', 'id': 'any-x86', 'title': 'Any 64-bit x86 processor',
    'cpu': {'architecture': 'x86_64', 'features': ['sse2'], 'source': 'abi'},
    'kernels': {'elf_machine': 'x86_64', 'names': [], 'features': [], 'source': 'abi'},
    'sources': [{'id': 'abi', 'title': 'System V ABI, AMD64 supplement', 'date': '2026-11-01'}]}
BOMS = [b'{"bomFormat":"CycloneDX","specVersion":"1.7","version":%d}' % version for version in (1, 2)]


# --- 1, 5: notation and JSON ------------------------------------------------------------------------------------------
def sha256(data):
    return hashlib.sha256(data).digest()


def digest(data):
    return 'sha256:' + sha256(data).hex()


def reference(data):
    return {'digest': digest(data), 'size_bytes': len(data)}


def canonical(value):
    return json.dumps(value, ensure_ascii=False, separators=(',', ':')).encode()


def blob_name(name):
    return 'blobs/sha256/' + name.removeprefix('sha256:')


# --- 13: the tree -----------------------------------------------------------------------------------------------------
def level_above(data):
    return b''.join(sha256(data[at:at + LEAF].ljust(LEAF, b'\0')) for at in range(0, len(data), LEAF))


def chunk_hashes(data):
    return b''.join(level_above(level_above(data[at:at + CHUNK])) for at in range(0, len(data), CHUNK))


def fs_verity_digest(root, size):
    descriptor = bytes([1, 1, 12, 0]) + bytes(4) + size.to_bytes(8, 'little') + root
    return digest(descriptor.ljust(256, b'\0'))


def tree(data):
    """The fs-verity digest of the data and its chunk table, which is None for small ones."""
    if len(data) <= LEAF:
        return fs_verity_digest(level_above(data) or bytes(32), len(data)), None
    level = table = chunk_hashes(data)
    while len(level) > 32:
        level = level_above(level)
    return fs_verity_digest(level, len(data)), table if len(data) > CHUNK else None


# --- 11: signatures. Keys are fixed, so that everything here is the same on every day ---------------------------------
class Key:
    def __init__(self, seed):
        der = bytes.fromhex('302e020100300506032b657004220420') + bytes([seed]) * 32
        self.secret = f'-----BEGIN PRIVATE KEY-----\n{base64.b64encode(der).decode()}\n-----END PRIVATE KEY-----\n'
        self.public = self.openssl('pkey', '-pubout', '-in', self.file('secret', self.secret.encode())).decode()
        self.id = sha256(base64.b64decode(self.public.split('-----')[2])).hex()

    folder = tempfile.TemporaryDirectory()

    def file(self, name, data):
        path = os.path.join(self.folder.name, name)
        pathlib.Path(path).write_bytes(data)
        return path

    def openssl(self, *arguments):
        return subprocess.run(['openssl', *arguments], check=True, capture_output=True).stdout

    def sign(self, data):
        return self.openssl('pkeyutl', '-sign', '-rawin', '-inkey', self.file('secret', self.secret.encode()),
                            '-in', self.file('message', data))


OURS, OTHERS = Key(0x53), Key(0x4f)


def sm3(data):
    return OURS.openssl('dgst', '-sm3', '-r', OURS.file('message', data)).split()[0].decode()


def pae(kind, payload):
    return b'DSSEv1 %d %s %d %s' % (len(kind), kind.encode(), len(payload), payload)


def signature(key, message):
    return {'keyid': key.id, 'sig': base64.b64encode(key.sign(message)).decode()}


# --- 6: OCI documents -------------------------------------------------------------------------------------------------
def descriptor(media, ref, path=None):
    notes = {'annotations': {'org.cncf.model.filepath': path, 'org.opencontainers.image.title': path}} if path else {}
    return {'mediaType': f'application/vnd.{media}', 'digest': ref['digest'], 'size': ref['size_bytes'], **notes}


def manifest(kind, config, layers, **subject):
    return {'schemaVersion': 2, 'mediaType': IMAGE, 'artifactType': f'application/vnd.{kind}', 'config': config,
            'layers': layers, **subject}


def index_of(bundle, model, attestations):
    tagged = [(bundle, 'bundle'), (model, 'model')]
    tagged += [(data, 'attestation-' + sha256(data).hex()[:16]) for data in sorted(attestations, key=sha256)]
    return {'schemaVersion': 2, 'manifests': [
        {'mediaType': IMAGE, 'digest': digest(data), 'size': len(data),
         'annotations': {'org.opencontainers.image.ref.name': tag}} for data, tag in tagged]}


# --- 2: the file form -------------------------------------------------------------------------------------------------
def with_checksum(header):
    header = bytearray(header)
    header[148:156] = b' ' * 8
    header[148:156] = b'%06o\0 ' % sum(header)
    return bytes(header)


def header_of(name, size):
    header = bytearray(BLOCK)
    header[0:len(name.encode())] = name.encode()
    header[100:124] = b'0000644\0' b'0000000\0' b'0000000\0'
    header[124:136] = b'%011o\0' % size if size < 2 ** 33 else b'\x80' + size.to_bytes(11, 'big')
    header[136:148] = b'00000000000\0'
    header[156:157] = b'0'
    header[257:265] = b'ustar  \0'
    return with_checksum(header)


def tar_entry(name, data):
    return [header_of(name, len(data)), data, bytes(-len(data) % BLOCK)]


def plan(entries):
    tar, at, paddings = [], 0, 0
    for name, data in entries:
        if len(data) >= ALIGNMENT and (at + BLOCK) % ALIGNMENT != 0:
            gap = ALIGNMENT - (at + BLOCK) % ALIGNMENT
            paddings += 1
            tar.append(tar_entry(f'sealift-padding/{paddings:08d}', bytes(gap - BLOCK)))
            at += gap
        tar.append(tar_entry(name, data))
        at += BLOCK + len(data) + -len(data) % BLOCK
    return tar


# --- all steps --------------------------------------------------------------------------------------------------------
class Steps:
    def __init__(self, changes):
        self.changes = changes

    def __call__(self, step, thing):
        change = self.changes.get(step)
        changed = change(thing) if change else None
        return thing if changed is None else changed


def document_of(files, tables, kernels, runtime):
    listed = []
    for file in files:
        listed.append({'path': file['path'], 'role': file['role'], 'mode': file['mode'], **{
            'size_bytes': len(file['data']), 'digest': digest(file['data']),
            'fs_verity_digest': tree(file['data'])[0]}})
        if file['path'] in tables:
            listed[-1]['chunk_table'] = reference(tables[file['path']])
    return {'schema': 'sealift.bundle/1', 'name': 'tiny', 'version': '1.0', 'release_counter': 1,
            'target': {'profile': 'any-x86', **reference(canonical(PROFILE))},
            'model': {'name': 'tiny', 'format': 'raw', 'licenses': ['CC0-1.0']}, 'files': listed, 'kernels': kernels,
            **({'runtime': runtime} if runtime else {}),
            'boms': {'software': reference(BOMS[0]), 'hardware_design': reference(BOMS[1])}}


def model_config(document, files):
    model = document['model']
    members = {'architecture': 'architecture', 'format': 'format', 'paramSize': 'parameters', 'precision': 'precision',
               'quantization': 'quantization'}
    about = {'family': model.get('family'), 'name': model.get('name') or document['name'],
        'version': document['version'],
             'licenses': model.get('licenses')}
    return {'descriptor': {name: value for name, value in about.items() if value},
            'modelfs': {'type': 'layers', 'diffIds': [file['digest'] for file in files if file['role'] in MODEL_ROLES]},
            'config': {name: model[source] for name, source in members.items() if model.get(source)}}


def statement_of(document, bundle):
    return {'_type': 'https://in-toto.io/Statement/v1',
            'subject': [{'name': f'{document["name"]}@{document["version"]}',
            'digest': {'sha256': sha256(bundle).hex()}}],
            'predicateType': 'urn:sealift:release/v1',
            'predicate': {'product': document['name'], 'version': document['version'],
                          'release_counter': document['release_counter'],
                          'target': {'profile': document['target']['profile'],
                                     'profile_digest': document['target']['digest']}}}


IN_TOTO = 'application/vnd.in-toto+json'


class Other:
    """Another attestation than a release, which no step changes."""
    def __init__(self, keys, label, statement, kind=IN_TOTO, envelope=lambda envelope: None):
        self.keys, self.label, self.kind = keys, label, kind
        self.statement = statement                  # a function of subject and bundle that gives an object or bytes
        self.envelope = envelope                    # a change

    def written(self, document, bundle):
        statement = self.statement(statement_of(document, bundle)['subject'])
        payload = statement if type(statement) is bytes else canonical(statement)
        envelope = sealed(self.keys, self.kind, payload, pae(self.kind, payload))
        self.envelope(envelope)
        return canonical(envelope), self.label


def about(predicate_type, predicate):
    return lambda subject: {'_type': 'https://in-toto.io/Statement/v1', 'subject': subject,
                            'predicateType': predicate_type, 'predicate': predicate}


def sealed(keys, kind, payload, message):
    return {'payload': base64.b64encode(payload).decode(), 'payloadType': kind,
            'signatures': sorted((signature(key, message) for key in keys), key=lambda one: one['keyid'])}


def release(step, document, bundle, keys):
    payload = step('payload', canonical(step('statement', statement_of(document, bundle))))
    envelope = sealed(keys, IN_TOTO, payload, step('pae', pae(IN_TOTO, payload)))
    return step('envelope_bytes', canonical(step('envelope', envelope))), step('label', 'in-toto.release+dsse')


def attest(step, document, bundle, what):
    """The envelope's bytes and its manifest's. What: the keys that sign a release, or an Other."""
    of_release = type(what) is not Other
    data, label = release(step, document, bundle, what) if of_release else what.written(document, bundle)
    attestation = manifest(label, descriptor('oci.empty.v1+json', reference(b'{}')),
                           [descriptor('dsse.envelope.v1+json', reference(data))],
                           subject=descriptor('oci.image.manifest.v1+json', reference(bundle)))
    if not of_release:
        return data, canonical(attestation)
    return data, step('attestation_bytes', canonical(step('attestation', attestation)))


def entries_of(step, files, kernels=(), runtime=None, envelopes=((OURS,),)):
    """All entries but the padding entries: a list of [name, data]."""
    files = sorted(copy.deepcopy(list(files)), key=lambda file: file['path'].encode())
    tables = step('tables', {file['path']: tree(file['data'])[1] for file in files if tree(file['data'])[1]})
    document = step('document', document_of(files, tables, copy.deepcopy(list(kernels)), copy.deepcopy(runtime)))

    in_order = sorted(document['files'], key=lambda file: (list(ROLES).index(file['role'])
        if file['role'] in ROLES else 9,
                                                           file['path'].encode()))
    layers = {file['path']: descriptor(ROLES.get(file['role'], 'x') + '.v1.raw', file, file['path'])
        for file in in_order}
    config = canonical(step('config', model_config(document, in_order)))
    model = canonical(step('model', manifest('cncf.model.manifest.v1+json', descriptor(
        'cncf.model.config.v1+json', reference(config)),
        [layers[file['path']] for file in in_order if file['role'] in MODEL_ROLES])))
    document['model_manifest'] = reference(model)
    document_bytes = step('document_bytes', canonical(step('full_document', document)))

    profile = step('profile', canonical(PROFILE))
    papers = [descriptor('sealift.profile.v1.raw', document['target'], 'sealift/profile.json'),
              descriptor('cyclonedx+json', document['boms']['software'], 'sealift/software.cdx.json'),
              descriptor('cyclonedx+json', document['boms']['hardware_design'], 'sealift/hardware.design.cdx.json')]
    papers += [descriptor('sealift.chunk-table.v1.raw', file['chunk_table'], f'sealift/chunks/{file["path"]}')
               for file in in_order if 'chunk_table' in file]
    bundle = step('bundle_bytes', canonical(step('bundle', manifest(
        'sealift.bundle.v1+json', descriptor('sealift.bundle.document.v1+json', reference(document_bytes)),
        papers + [layers[file['path']] for file in in_order if file['role'] not in MODEL_ROLES]))))

    attestations = [attest(step, document, bundle, keys) for keys in envelopes]
    index = step('index_bytes', canonical(step('index', index_of(bundle, model, [data for _, data in attestations]))))

    data_of = {file['path']: file['data'] for file in files}
    contents = [bundle, document_bytes, model, config]
    for envelope, attestation in sorted(attestations, key=lambda pair: sha256(pair[1])):
        contents += [attestation, envelope]
    contents += ([b'{}'] if attestations else []) + [profile, *BOMS]
    contents += [tables[file['path']] for file in in_order if file['path'] in tables]
    named = {blob_name(digest(data)): data for data in contents}        # a dict keeps the first place of a name
    for file in in_order:
        named.setdefault(blob_name(file['digest']), data_of.get(file['path'], b''))
    return [['oci-layout', b'{"imageLayoutVersion":"1.0.0"}'], ['index.json', index], *map(list, named.items())]


def build(target, form, files, kernels=(), runtime=None, envelopes=((OURS,),), **changes):
    step = Steps(changes)
    write(target, form, step('entries', entries_of(step, files, kernels, runtime, envelopes)), step)


def write_sparse(path, data):
    """Blocks of zeros become holes, which keeps the vectors small on disk."""
    with open(path, 'wb') as file:
        for at in range(0, len(data), 4096):
            if any(data[at:at + 4096]):
                file.seek(at)
                file.write(data[at:at + 4096])
        file.truncate(len(data))


def write(target, form, entries, step):
    if form == 'file':
        raw = b''.join(b''.join(entry) for entry in step('tar', plan(entries))) + bytes(2 * BLOCK)
        write_sparse(target / 'bundle.sealift', step('raw', raw))
        return
    folder = target / 'bundle'
    (folder / 'blobs/sha256').mkdir(parents=True)
    for name, data in entries:
        write_sparse(folder / name, data)
    step('folder', folder)
