#!/usr/bin/env python3
"""A second reader of Sealift bundles, written from manifests/FORMAT.md alone; numbers are sections of that page.

usage: second_reader.py BUNDLE [--key PUBLIC_KEY.pem]       exit status 0: OK, 1: refused, 2: usage, 3: unreadable
"""
import argparse
import base64
import hashlib
import json
import os
import subprocess
import sys
import tempfile

from container import blob, check_world, load, name_of, pieces, up, verity, walk_file, walk_folder
from documents import (ATTESTATIONS, BUNDLE, DOCUMENT, IN_TOTO, INDEX, MANIFEST, MARKER, MODEL, POLICY, PROFILE,
                       RELEASE_TYPE, ROLES, No, attest, canonical, check_document, check_profile, check_release, derive,
                       listing, meaning, need, read_envelope, read_json, read_statement, reference)


# --- 15, 2 to 7: what is in the bundle --------------------------------------------------------------------------------
def read_index(entries):
    need('index.json' in entries, 'FORMAT-ENTRY', 'index.json', 'is not there')
    index = read_json(load(entries, 'index.json'), INDEX, 'index.json', False)
    need(len(index['manifests']) <= 1024, 'FORMAT-LIMIT', 'index.json', 'manifests')
    found = {}
    for listed in index['manifests']:
        need(listed['digest'] not in found, 'FORMAT-DUPLICATE', 'index.json', listed['digest'])
        found[listed['digest']] = blob(entries, {'digest': listed['digest'], 'size_bytes': listed['size']})
    kinds = [read_json(data, MANIFEST, name)['artifactType'] for name, data in found.items()]
    known = kinds.count(BUNDLE) == kinds.count(MODEL) == 1 and set(kinds) <= {BUNDLE, MODEL} | ATTESTATIONS
    need(known, 'LAYOUT-MANIFEST', 'index.json', f'{kinds}')
    ranks = [(BUNDLE, MODEL, kind).index(kind) for kind in kinds]
    bundle, model, *attestations = (found[name] for _, name in sorted(zip(ranks, found)))
    return index, bundle, model, attestations


def read_documents(entries, file_form):
    """The document, the bundle manifest, the envelopes, the files in order, and all names with their sizes."""
    read_json(load(entries, 'oci-layout'), MARKER, 'oci-layout', False, 'FORMAT-NOT-A-BUNDLE')
    index, bundle, model, attestations = read_index(entries)
    config = json.loads(bundle)['config']
    data = blob(entries, {'digest': config['digest'], 'size_bytes': config['size']})
    document = read_json(data, DOCUMENT, 'bundle document')
    check_document(document)
    files = sorted(document['files'], key=lambda file: (ROLES.index(file['role']), file['path']))
    derived = derive(document, files)
    need(derived[1:] == (model, bundle), 'CONTENT-UNNAMED', 'manifests', 'not the derived ones')
    need(document['model_manifest'] == reference(model), 'CONTENT-UNNAMED', 'model_manifest')
    blob(entries, reference(derived[0]))
    profile = read_json(blob(entries, document['target'], 1 << 20), PROFILE, 'profile', False, depth=8, members=100)
    check_profile(profile)
    need(profile['id'] == document['target']['profile'], 'FORMAT-DOCUMENT', 'profile', profile['id'])
    papers = [document['target'], *document['boms'].values()]
    for paper in papers:
        blob(entries, paper, 1 << 30)
    contents, envelopes = [reference(bundle), reference(data), reference(model), reference(derived[0])], []
    for attestation in attestations:
        layer = (json.loads(attestation)['layers'] or [json.loads(attestation)['config']])[0]
        envelope = {'digest': layer['digest'], 'size_bytes': layer['size']}
        envelopes.append(blob(entries, envelope, 1 << 20))
        need(attestation == attest(bundle, envelopes[-1]), 'LAYOUT-MANIFEST', 'attestation')
        contents += [reference(attestation), envelope]
    if attestations:
        contents.append(reference(blob(entries, reference(b'{}'))))
    contents += papers + [file['chunk_table'] for file in files if 'chunk_table' in file] + files
    wanted = listing(bundle, model, attestations)
    if file_form:
        fixed = {'oci-layout': b'{"imageLayoutVersion":"1.0.0"}', 'index.json': canonical(wanted)}
        need(all(load(entries, name) == data for name, data in fixed.items()), 'LAYOUT-INDEX', 'spelling')
    same = sorted(map(meaning, wanted['manifests'])) == sorted(map(meaning, index['manifests']))
    need(same, 'LAYOUT-INDEX', 'index.json', 'does not list the manifests of this bundle')
    sizes = {'oci-layout': entries['oci-layout'][2], 'index.json': entries['index.json'][2]}
    for content in contents:
        size = sizes.setdefault(name_of(content), content['size_bytes'])
        need(size == content['size_bytes'], 'CONTENT-SIZE', name_of(content), 'two sizes')
    return document, bundle, envelopes, files, sizes


# --- 11.4: trust by key -----------------------------------------------------------------------------------------------
def is_signed(public_key, message, signature):
    with tempfile.NamedTemporaryFile() as file:
        file.write(message)
        file.flush()
        command = f'openssl pkeyutl -verify -rawin -pubin -in {file.name} -sigfile /dev/stdin -inkey'.split()
        return subprocess.run(command + [public_key], input=signature, capture_output=True).returncode == 0


def check_trust(document, bundle, envelopes, public_key):
    with open(public_key) as file:
        der = base64.b64decode(file.read().split('-----')[2])
    if len(der) != 44 or not der.startswith(bytes.fromhex('302a300506032b6570032100')):
        raise OSError(f'{public_key} is not an Ed25519 key')
    key_id = hashlib.sha256(der).hexdigest()
    trusted, policies = False, 0
    for data in envelopes:
        kind, payload, signatures = read_envelope(data)
        message = f'DSSEv1 {len(kind.encode())} {kind} {len(payload)} '.encode() + payload
        good = any([is_signed(public_key, message, signature) for _, signature in signatures])
        names_the_key = any(name == key_id for name, _ in signatures)
        need(good or not names_the_key, 'TRUST-SIGNATURE', 'envelope', 'names the key and is not by it')
        policies += kind == POLICY
        if not good or kind == POLICY:
            continue
        need(kind == IN_TOTO, 'TRUST-STATEMENT', 'payloadType', kind)
        statement = read_statement(payload)
        if statement['predicateType'] == RELEASE_TYPE:
            check_release(statement, document, bundle)
            trusted = True
    need(policies < len(envelopes), 'TRUST-UNSIGNED', 'bundle', 'nobody has signed it')
    need(trusted, 'TRUST-KEY', 'bundle', 'no release is signed by this key')


# --- 13: content ------------------------------------------------------------------------------------------------------
def check_content(entries, file):
    size, name, flat, chunks = file['size_bytes'], file['path'], hashlib.sha256(), bytearray()
    table = b''.join(pieces(*entries[name_of(file['chunk_table'])])) if 'chunk_table' in file else None
    if table is not None:
        need(reference(table) == file['chunk_table'], 'CONTENT-CHUNK-TABLE', name, 'digest of the table')
        need(verity(table, size) == file['fs_verity_digest'], 'CONTENT-CHUNK-TABLE', name, 'root of the table')
    for number, piece in enumerate(pieces(*entries[name_of(file)])):
        flat.update(piece)
        chunks += up(piece) if size <= 4096 else up(up(piece))
        need(not table or table.startswith(chunks[-32:], 32 * number), 'CONTENT-DIGEST', name, f'chunk {number}')
    need(verity(chunks, size) == file['fs_verity_digest'], 'CONTENT-DIGEST', name, 'root of the tree')
    need(f'sha256:{flat.hexdigest()}' == file['digest'], 'CONTENT-DIGEST', name, 'sha256')


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('bundle')
    parser.add_argument('--key')
    given = parser.parse_args()
    try:
        entries = walk_folder(given.bundle) if os.path.isdir(given.bundle) else walk_file(given.bundle)
        document, bundle, envelopes, files, sizes = read_documents(entries, os.path.isfile(given.bundle))
        check_world(entries, sizes, given.bundle)
        if given.key:
            check_trust(document, bundle, envelopes, given.key)
        for file in {file['digest']: file for file in files}.values():
            check_content(entries, file)
    except No as refusal:
        print(str(refusal).encode('ascii', 'backslashreplace').decode())
        return 1
    except (OSError, IndexError) as error:                              # IndexError: the key is no PEM file
        print(error, file=sys.stderr)
        return 3
    print('OK', reference(bundle)['digest'])


sys.exit(main())
