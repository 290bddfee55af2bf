#!/usr/bin/env python3
# A second reader of Sealift bundles, from manifests/FORMAT.md and its schemas alone. Numbers are sections.
#
# usage: second_reader.py BUNDLE PUBLIC_KEY.pem        exit status 0: OK, 1: refused, 2: usage, 3: unreadable
#
# This file holds what Sealift specifies. What others do (JSON Schema, OCI, DSSE, fs-verity): standards.py.
import pathlib
import re
import sys

from standards import (FORMS, IMAGE, TEXT, No, canonical, described, fits, folded, hashes_of, manifest,
                       mapped, need, open_envelope, read_json, reference, rises, sm3, tar_headers, verity)

# What is called how: the tables of 6.3 and 6.5.
MEDIA = dict(re.findall(r'^\| ([A-Za-z -]+) \| `application/vnd.(\S+)` \|$', TEXT, re.MULTILINE))
WORDS = dict(re.findall(r'^\| `(\S+:\S+)` \| `(\S+)` \|$', TEXT, re.MULTILINE))
BUNDLE, MODEL = 'sealift.bundle.v1+json', 'cncf.model.manifest.v1+json'
POLICY = 'application/vnd.sealift.trust-policy.v1+json'
REF, BLOBS, ROLES = 'org.opencontainers.image.ref.name', 'blobs/sha256/', FORMS['role']['enum']


# --- 2, 3: the two forms, each as {name: bytes} -------------------------------------------------------------
def walk_folder(top):
    found = {str(path.relative_to(top)): path for path in top.rglob('*')}
    for name, path in found.items():
        need(not path.is_symlink(), 'LAYOUT-LINK', name)
        need(path.is_file() or name in ('blobs', 'blobs/sha256'), 'FORMAT-ENTRY', name)
    need('oci-layout' in found, 'FORMAT-NOT-A-BUNDLE', top)
    return {name: mapped(path) for name, path in found.items() if path.is_file()}


def walk_file(data):
    entries, at, paddings, padded = {}, 0, 0, False
    need(len(data) < 512 or data[:11] == b'oci-layout\0', 'FORMAT-NOT-A-BUNDLE', 'file')
    for name, kind, start, size in tar_headers(data):
        at = start + size + -size % 512
        padding = name == f'sealift-padding/{paddings + 1:08}'
        need(name not in entries, 'FORMAT-DUPLICATE', name)
        aligned = start % 65536 == 0 if size >= 65536 else not padded
        need(kind == b'0' and (padding or aligned), 'FORMAT-ENTRY', name)
        need(not padding or size == -start % 65536 - 512, 'CONTENT-SIZE', name)
        need(not any(data[start if padding else start + size:at]), 'FORMAT-PADDING', name)
        entries.update({} if padding else {name: data[start:start + size]})
        paddings, padded = paddings + padding, padding
    need(not any(data[at:at + 512]), 'FORMAT-HEADER' if len(data) >= at + 512 else 'FORMAT-TRUNCATED', at)
    need(not padded and len(data) <= at + 1024, 'FORMAT-ENTRY' if padded else 'FORMAT-TRAILING', at)
    need(data[at:] == bytes(1024), 'FORMAT-PADDING' if len(data) == at + 1024 else 'FORMAT-TRUNCATED', at)
    return entries


def load(entries, digest, size_bytes, code='CONTENT-DIGEST'):
    name = BLOBS + digest[7:]
    need(name in entries, 'LAYOUT-BLOB-MISSING', name)
    need(len(entries[name]) == size_bytes, 'CONTENT-SIZE', name)
    need(reference(entries[name])['digest'] == digest, code, name)
    return entries[name]


# --- 6, 8: what follows from the document -------------------------------------------------------------------
def derive(document, papers, files):
    about = {'name': document['name'], **document['model'], 'version': document['version']}
    about['paramSize'] = about.get('parameters')
    of_model, of_config = ({name: about[name] for name in names.split() if about.get(name)} for names in (
        'family name version licenses', 'architecture format paramSize precision quantization'))
    layers = [(MEDIA['role ' + one['role']], one, one['path']) for one in files]
    content = [layer for layer in layers if layer[0].startswith('cncf.')]
    model_files = {'type': 'layers', 'diffIds': [one['digest'] for _, one, _ in content]}
    config = canonical({'descriptor': of_model, 'modelfs': model_files, 'config': of_config})
    of_bundle = ('sealift.bundle.document.v1+json', reference(canonical(document)))
    return (manifest(BUNDLE, of_bundle, papers + [one for one in layers if one not in content]),
            manifest(MODEL, ('cncf.model.config.v1+json', reference(config)), content), config)


# --- 11: what an envelope says, and whether it is a release by the key --------------------------------------
def is_release(attestation, envelope, document, bundle, key):
    kind, statement, signed, named = open_envelope(envelope, key)
    word = WORDS.get(statement['predicateType'], 'statement') if statement else 'release'
    label = 'sealift.trust-policy.v1+dsse' if kind == POLICY else f'in-toto.{word}+dsse'
    layer, subject = ('dsse.envelope.v1+json', reference(envelope)), described(IMAGE, reference(bundle))
    wanted = manifest(label, ('oci.empty.v1+json', reference(b'{}')), [layer], subject=subject)
    need(attestation == wanted, 'LAYOUT-MANIFEST', label)
    need(signed or not named, 'TRUST-SIGNATURE', label)
    need(not signed or statement or kind == POLICY, 'TRUST-STATEMENT', label)
    return signed and statement is not None and word == 'release' and is_about(statement, document, bundle)


def is_about(statement, document, bundle):
    release, subject, target = statement['predicate'], statement['subject'][0], document['target']
    wanted = {'product': document['name'], **{one: document[one] for one in ('version', 'release_counter')},
              'target': {'profile': target['profile'], 'profile_digest': target['digest']}}
    digests = {**subject['digest'], 'sha256': reference(bundle)['digest'][7:]}
    digests |= {'sm3': sm3(bundle)} if 'sm3' in digests else {}
    named = {**subject, 'name': f'{document["name"]}@{document["version"]}', 'digest': digests}
    need(fits(release, FORMS['release']) and {**release, **wanted} == release, 'TRUST-STATEMENT', 'release')
    need(release.get('issued', '') < release.get('expires', '~'), 'TRUST-STATEMENT', 'expires')
    need(statement['subject'] == [named], 'TRUST-STATEMENT', 'subject')
    return True


# --- 7, 9, 10, 12: what no schema says ----------------------------------------------------------------------
def check_document(document):
    files = [one['path'] for one in document['files']]
    folders = {path[:slash.start()] for path in files for slash in re.finditer('/', path)}
    keys, folder_keys = set(map(folded, files)), set(map(folded, folders))
    apart = len(keys) == len(files) and not keys & folder_keys and 'sealift' not in keys | folder_keys
    need(apart, 'PATH-COLLISION', 'files')
    chunks = [one['size_bytes'] > 524288 and -(-one['size_bytes'] // 524288) for one in document['files']]
    tables = [one.get('chunk_table', {'size_bytes': False})['size_bytes'] for one in document['files']]
    need(tables == [32 * count for count in chunks], 'FORMAT-DOCUMENT', 'chunk tables')
    arguments = ' '.join(document.get('runtime', {}).get('arguments', []))
    for word, name in re.findall(r'\{\{|\{(file|fd|offset|dir):([^{}]*)\}', arguments):
        known = not word or fits(name, FORMS['path']) and name in (folders if word == 'dir' else files)
        need(known, 'FORMAT-DOCUMENT', 'runtime.arguments')


def check_profile(profile, profile_id):
    models, software = profile.get('cpu', {}).get('models', []), profile.get('software', [])
    ends = [(one['family'], one[end], end) for one in models for end in ('first_model', 'last_model')]
    kinds = [(one['kind'] == 'operating_system', one['kind'], one['name']) for one in software]
    need(profile['id'] == profile_id and ends == sorted(ends) and rises(kinds), 'FORMAT-DOCUMENT', 'profile')


# --- 15: all of it ------------------------------------------------------------------------------------------
def verify(path, key):
    form, entries = ('folder', walk_folder(path)) if path.is_dir() else ('file', walk_file(mapped(path)))
    need('index.json' in entries, 'FORMAT-ENTRY', 'index.json')
    read_json(entries['oci-layout'], form + 'Layout')
    index = read_json(entries['index.json'], form + 'Index')['manifests']
    found = {one['digest']: read_json(load(entries, one['digest'], one['size']), 'manifest') for one in index}
    kinds = [one['artifactType'].removeprefix('application/vnd.') for one in found.values()]
    need(len(found) == len(index), 'FORMAT-DUPLICATE', 'index.json')
    need(kinds.count(BUNDLE) == kinds.count(MODEL) == 1, 'LAYOUT-MANIFEST', 'index.json')
    config = list(found.values())[kinds.index(BUNDLE)]['config']
    document = read_json(load(entries, config['digest'], config['size']), 'document')
    check_document(document)
    files = sorted(document['files'], key=lambda one: (ROLES.index(one['role']), one['path']))
    (parts, hardware), bom = document['boms'].values(), MEDIA['software and hardware BOM']
    target = {one: document['target'][one] for one in ('digest', 'size_bytes')}
    papers = [(MEDIA['profile'], target, 'sealift/profile.json'), (bom, parts, 'sealift/software.cdx.json'),
              (bom, hardware, 'sealift/hardware.design.cdx.json')]
    tables = [(MEDIA['chunk table'], one['chunk_table'], 'sealift/chunks/' + one['path'])
              for one in files if 'chunk_table' in one]
    bundle, model, config = derive(document, papers + tables, files)
    tags = {reference(bundle)['digest']: 'bundle', reference(model)['digest']: 'model'}
    derived = tags.keys() <= found.keys() and document['model_manifest'] == reference(model)
    need(derived, 'CONTENT-UNNAMED', 'manifests')
    check_profile(read_json(load(entries, **target), 'profile'), document['target']['profile'])
    attested = {}
    for digest in sorted(found.keys() - tags.keys()):
        layers, tags[digest] = found[digest]['layers'], 'attestation-' + digest[7:23]
        need(layers and MEDIA['envelope'] in layers[0]['mediaType'], 'LAYOUT-MANIFEST', digest)
        attested[entries[BLOBS + digest[7:]]] = load(entries, layers[0]['digest'], layers[0]['size'])
    listed = [(one['digest'], one['mediaType'], one.get('annotations', {}).get(REF, '')) for one in index]
    wanted = [(digest, 'application/vnd.' + IMAGE, tag) for digest, tag in tags.items()]
    need(listed == wanted or form == 'folder' and sorted(listed) == sorted(wanted), 'LAYOUT-INDEX', 'index')
    made = [bundle, canonical(document), model, config, *sum(attested.items(), ()), *[b'{}'] * bool(attested)]
    first = [*map(reference, made), *[content for _, content, _ in papers]]
    contents = [*first, *[content for _, content, _ in tables], *files]
    names = ['oci-layout', 'index.json', *[BLOBS + one['digest'][7:] for one in contents]]
    need(entries.keys() >= set(names), 'LAYOUT-BLOB-MISSING', set(names) - entries.keys())
    spare = ' '.join(entries.keys() - set(names))
    need(not spare, 'LAYOUT-BLOB-SPARE' if BLOBS in spare else 'FORMAT-ENTRY', spare)
    need(form == 'folder' or list(dict.fromkeys(names)) == list(entries), 'FORMAT-ENTRY', 'order')
    for one in first:
        load(entries, **one)
    released = [is_release(*pair, document, bundle, key) for pair in attested.items()]
    need(any(released), 'TRUST-KEY' if released else 'TRUST-UNSIGNED', 'envelopes')
    for one in files:
        data, table = load(entries, one['digest'], one['size_bytes']), one.get('chunk_table')
        code = 'CONTENT-CHUNK-TABLE' if table else 'CONTENT-DIGEST'
        hashes = load(entries, **table, code=code) if table else hashes_of(data)
        need(one['fs_verity_digest'] == verity(hashes, len(data)), code, one['path'])
        need(hashes == hashes_of(data), 'CONTENT-DIGEST', one['path'])
    return reference(bundle)['digest']


if len(sys.argv) != 3:
    sys.exit(print('usage: second_reader.py BUNDLE PUBLIC_KEY.pem', file=sys.stderr) or 2)
try:
    print('OK', verify(pathlib.Path(sys.argv[1]), sys.argv[2]))
except No as refusal:
    sys.exit(print(ascii(str(refusal))[1:-1][:999]) or 1)
except (OSError, IndexError, ValueError) as error:          # of the last two: the key is no PEM file
    sys.exit(print(error, file=sys.stderr) or 3)
