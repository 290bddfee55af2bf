"""What a document of a bundle may say, and what follows from it: sections 5 to 12 of manifests/FORMAT.md.

A form is {member: form}, where a name ends in ? if it is optional and * stands for members to ignore; or [form] for an
array; or a test of a value.
"""
import base64
import calendar
import hashlib
import itertools
import json
import re
import unicodedata


class No(Exception):
    """The bundle is refused."""


def need(good, code, where, what='not as the format wants it'):
    if not good:
        raise No(f'SL-{code} {where}: {what}')


DOC = 'FORMAT-DOCUMENT'


# --- 5: JSON ---------------------------------------------------------------------------------------------------------
def canonical(value):
    return json.dumps(value, ensure_ascii=False, separators=(',', ':')).encode()


def shaped(value, form, where, code):
    """The value with its members in the order of the form, and without the ignored ones."""
    if callable(form):
        need(form(value), code, where, f'{value!r:.80}')
        return value
    need(type(value) is type(form), code, where, f'not {"an array" if type(form) is list else "an object"}')
    if type(form) is list:
        return [shaped(part, form[0], f'{where}[{number}]', code) for number, part in enumerate(value)]
    names = {name.rstrip('?'): name for name in form if name[-1] not in '?*' or name[:-1] in value}
    need(names.keys() <= value.keys(), code, where, f'lacks {sorted(names.keys() - value.keys())}')
    need('*' in form or len(names) == len(value), code, where, f'has {sorted(value.keys() - names.keys())}'[:99])
    return {name: shaped(value[name], form[spelt], f'{where}.{name}', code) for name, spelt in names.items()}


def read_json(data, form, where, canonically=True, code=None, depth=32, members=10000, fraction=None):
    """What the document says, without ignored members. Every refusal has the code, if one is given."""
    def refused(what):
        raise ValueError(what[:80])

    def integer(digits):
        return int(digits) if -1 << 63 <= int(digits) < 1 << 63 else refused(digits)

    def once(pairs):
        need(len(dict(pairs)) == len(pairs), code or 'FORMAT-DUPLICATE', where, 'a member comes twice')
        need(len(pairs) <= members, code or 'FORMAT-LIMIT', where, 'members')
        return dict(pairs)

    try:
        brackets = re.findall(r'[][{}]', re.sub(r'"(?:[^"\\]|\\.)*"', '', data.decode()))
        levels = itertools.accumulate(1 if bracket in '[{' else -1 for bracket in brackets)
        need(max(levels, default=0) <= depth, code or 'FORMAT-LIMIT', where, 'depth')
        value = json.loads(data.decode(), object_pairs_hook=once, parse_int=integer, parse_float=fraction or refused,
                           parse_constant=refused)
        if '\\u0000' in canonical(value).decode().replace('\\\\', ''):      # half a surrogate pair has no UTF-8
            refused('NUL')
    except ValueError as error:
        raise No(f'SL-{code or "FORMAT-JSON"} {where}: {error}') from error
    value = shaped(value, form, where, code or DOC)
    need(not canonically or canonical(value) == data, code or DOC, where, 'not the canonical spelling')
    return value


# --- tests of values -------------------------------------------------------------------------------------------------
def like(pattern):
    return lambda value: type(value) is str and re.fullmatch(pattern, value, re.DOTALL) is not None


def count(low=0, high=(1 << 63) - 1):
    return lambda value: type(value) is int and low <= value <= high


def is_rising(values):
    return all(a < b for a, b in zip(values, values[1:]))               # code points rise as their UTF-8 bytes do


def rising(test):
    return lambda values: type(values) is list and all(map(test, values)) and is_rising(values)


def some_rising(test):
    return lambda values: values != [] and rising(test)(values)


def a_flag(value):
    return type(value) is bool


def devices_by_pci_id(value):
    return type(value) is dict and value != {} and all(PCI_ID(id) and DEVICES(value[id]) for id in value)


def a_device_node(value):
    if type(value) is not str or value.count('{n}') > 1:
        return False
    return value.startswith('/dev/') and A_PLACE(value.replace('{n}', '0'))


def an_object(value):
    return type(value) is dict


def texts_by_name(values):
    return type(values) is dict and all(type(value) is str for value in values.values())


def time(value):                                                                                                 # 1
    parts = re.fullmatch('([0-9]{4})-(0[1-9]|1[0-2])-([0-9]{2})T([01][0-9]|2[0-3])(:[0-5][0-9]){2}Z', str(value))
    if type(value) is not str or not parts:
        return False
    year, month, day = map(int, parts.group(1, 2, 3))
    return 1 <= day <= calendar.monthrange(year, month)[1]


def a_day(value):
    return type(value) is str and time(value + 'T00:00:00Z')


def clean(value):                                                                                                # 1
    unseen = ('\\\\\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb'
              '\U000e0000-\U000e007f')
    return type(value) is str and 1 <= len(value.encode()) <= 255 and not re.search(f'[{unseen}]', value)


def clean_word(value):
    return clean(value) and ' ' not in value


def path(value):                                                                                                 # 9
    need(type(value) is str, 'FORMAT-DOCUMENT', 'path', 'not a text')
    parts = value.split('/')
    clean = all(part and part[-1] not in '. ' and len(part.encode()) <= 255 for part in parts)
    clean = clean and len(parts) <= 32 and len(value.encode()) <= 1024
    need(clean and not re.search(r'[\\\x00-\x1f\x7f-\x9f]', value), 'PATH-UNCLEAN', ascii(value)[:80])
    return True


def key(name):
    return unicodedata.normalize('NFD', unicodedata.normalize('NFD', name).casefold())


# --- forms -----------------------------------------------------------------------------------------------------------
text, some, digest, identifier = like('.*'), like('.+'), like('sha256:[0-9a-f]{64}'), like('[a-z0-9][a-z0-9._-]{0,63}')
feature, url_path = like('[a-z0-9_]+'), like('/[!"$-~]*')
REFERENCE = {'digest': digest, 'size_bytes': count()}
ROLES = ('model-config', 'doc', 'config', 'engine', 'kernel', 'weights')                    # in the order of section 4
RUNTIME = {
    'entrypoint': path, 'arguments': [text], 'environment': texts_by_name, 'port': count(0, 65535),
    'ready': {'listen_prefix?': some, 'health_path': url_path, 'timeout_s': count(1, 86400)},
    'device?': {'path': url_path, 'pointer': like('(/([^~/]|~[01])*)+'), 'equals': text}, 'known_answer?': path}
NEEDS = {
    'architecture?': some, 'abi?': [{'name': like('CXXABI|GLIBC|GLIBCXX'), 'version': like('[0-9.]{1,32}')}],
    'engine?': {'name': some, 'version': text}, 'tensor_types?': rising(text),
    'memory?': {'tensor_parallel': count(1, 65536), 'pipeline_parallel': count(1, 65536),
                'data_parallel': count(1, 65536), 'context_tokens': count(), 'sequences': count(1, 1 << 20),
                'weight_bytes': count(0, 1 << 50), 'cache_bytes': count(0, 1 << 50),
                'overhead_bytes': count(0, 1 << 50), 'utilisation_percent': count(1, 100)}}
DOCUMENT = {
    'schema': like('sealift.bundle/1'), 'name': like('(?=.{1,128}$)[a-z0-9]([a-z0-9._-]*[a-z0-9])?'),
    'version': like('[A-Za-z0-9_+][A-Za-z0-9._+-]{0,127}'), 'release_counter': count(),
    'target': {'profile': like('[a-z0-9_][a-z0-9._-]{0,127}'), **REFERENCE, 'needs?': NEEDS},
    'model': {'name?': some, 'architecture?': some, 'format?': some, 'family?': some, 'parameters?': some,
              'precision?': some, 'quantization?': some, 'licenses?': [text]},
    'files': [{'path': path, 'role': lambda value: value in ROLES, 'mode': like('0644|0755|0640|0750'),
               'size_bytes': count(), 'digest': digest, 'fs_verity_digest': digest, 'chunk_table?': REFERENCE}],
    'kernels': [{'path': path, 'requires_features': rising(text), 'fits': rising(digest), 'format?': some,
                 'targets?': rising(text), 'targets_from?': like('bytes|declaration')}],
    'accepted_risks?': [{'path': path, 'danger': like('code|pickle'), 'reason': like('[^\x00-\x1f\x7f]{1,1024}')}],
    'runtime?': RUNTIME, 'boms': {'software': REFERENCE, 'hardware_design': REFERENCE}, 'model_manifest': REFERENCE}
DESCRIPTOR = {'mediaType': text, 'digest': digest, 'size': count(), 'annotations?': texts_by_name}
MANIFEST = {'schemaVersion': count(2, 2), 'mediaType': text, 'artifactType': text, 'config': DESCRIPTOR,
            'layers': [DESCRIPTOR], 'subject?': DESCRIPTOR}
MARKER = {'imageLayoutVersion': like('1[.]0[.]0'), '*': None}
INDEX = {'schemaVersion': count(2, 2), 'manifests': [{**DESCRIPTOR, '*': None}], '*': None}
ENVELOPE = {'payload': text, 'payloadType': some,                                                              # 11.1
            'signatures': [{'keyid?': text, 'sig': some, '*': None}], '*': None}
HEX = like('[0-9a-f]{64}')
SUBJECT = {'name?': text, 'digest': {'sha256': HEX, 'sm3?': HEX, '*': None}, '*': None}
STATEMENT = {'_type': like('https://in-toto[.]io/Statement/v1'), 'subject': [SUBJECT], 'predicateType': some,   # 11.3
             'predicate': an_object, '*': None}
RELEASE = {'product': text, 'version': text, 'release_counter': count(), 'security_epoch?': count(1),
           'target': {'profile': text, 'profile_digest': digest}, 'issued?': time, 'expires?': time,
           'policy_min_version?': count(1), 'replaces?': rising(digest),
           'export?': {'classification': clean, 'destinations?': rising(clean_word)}}
PCI_ID, MACHINE = like('[0-9a-f]{4}:[0-9a-f]{4}'), like('x86_64|aarch64|loongarch64')
DEVICES, VERSIONS = count(1, 65536), like('vers:[a-z0-9.-]+/.+')
A_PLACE = like(r'(/(?![.]{1,2}(/|\Z))[A-Za-z0-9_.+:-]+)+')
NUMBER_TYPES = some_rising(like('bf16|fp(8|16|32|64)|hif8|int[48]|mxfp[468]|nvfp4'))
PROFILE = {                                                                                                     # 12
    'schema': like('sealift.profile/1'), 'id': identifier, 'title': some, 'vendor?': some, 'chips?': some_rising(some),
    'cpu?': {'architecture': MACHINE, 'vendors?': some_rising(some), 'identity_source?': some,
             'models?': [{'family': count(), 'first_model': count(), 'last_model': count()}],
             'identity_blocks?': a_flag, 'features': rising(feature), 'source': some},
    'memory?': {'bytes': count(1), 'source': some},
    'accelerators?': [{
        'name': some, 'pci_ids?': some_rising(PCI_ID), 'quantity': DEVICES, 'source': some,
        'memory?': {'bytes': count(1, 1 << 46), 'source': some},
        'models?': {'names': some_rising(some), 'source': some},
        'devices_per_function?': {'count?': DEVICES, 'by_subsystem?': devices_by_pci_id, 'source': some},
        'devices_per_node?': {'count': DEVICES, 'source': some},
        'device_nodes?': {'paths': some_rising(a_device_node), 'source': some}}],
    'software?': [{'kind': like('driver|firmware|toolkit|operating_system'), 'name': some, 'vendor?': some,
                   'version_range': VERSIONS, 'source': some,
                   'places?': {'files': [{'path': A_PLACE, 'key?': like('[^=: \t\r\n]+')}], 'source': some}}],
    'number_types?': {'computes?': NUMBER_TYPES, 'source?': some, 'lacks?': NUMBER_TYPES, 'lacks_source?': some},
    'file_modes?': [{'engine?': some, 'role': like('|'.join(ROLES)), 'mode': like('0644|0755|0640|0750'),
                     'source': some}],
    'validated_sets?': [{'id': identifier, 'date': like(r'\d{4}-\d\d(-\d\d)?'), 'source': some, 'members': [
        {'kind': like('driver|engine|firmware|framework|operating_system|toolkit'), 'name': some,
         'version_range': VERSIONS}]}],
    'kernels?': {'elf_machine?': MACHINE, 'names?': [like('[^/]+')], 'features?': rising(feature), 'source?': some,
                 'formats?': [{'format': identifier, 'targets?': some_rising(some), 'target_in_bytes?': a_flag,
                               'source': some}]},
    'sources': [{'id': identifier, 'title': some, 'url?': like('https://.*'), 'date': a_day}]}


# --- 7, 9, 10: rules that no form says -------------------------------------------------------------------------------
def check_document(document):
    need(document['model'].get('licenses') != [], DOC, 'model.licenses', 'empty')
    files = {file['path']: file for file in document['files']}
    folders = {name[:slash.start()] for name in files for slash in re.finditer('/', name)}
    keys, taken = {key(name) for name in files}, {key(name) for name in folders} | {'sealift'}
    need(is_rising([file['path'] for file in document['files']]), DOC, 'files', 'order')
    need(len(keys) == len(document['files']) and not keys & taken, 'PATH-COLLISION', 'files')
    need(not any(name.startswith('sealift/') for name in keys), 'PATH-COLLISION', 'files', 'the folder sealift')
    need(any(file['role'] == 'weights' for file in files.values()), DOC, 'files', 'no weights')
    for name, file in files.items():
        need(file['size_bytes'] <= 1 << 62, 'FORMAT-LIMIT', name, 'size')
        chunks, table = -(-file['size_bytes'] // 524288), file.get('chunk_table')
        need(table and table['size_bytes'] == 32 * chunks if chunks > 1 else not table, DOC, name, 'chunk table')
    contents = {canonical([file['digest'], file['size_bytes'], file['fs_verity_digest'], file.get('chunk_table')])
                for file in files.values()}
    digests = {file['digest'] for file in files.values()}
    need(len(contents) == len(digests), DOC, 'files', 'one digest, two contents')
    kernels = [name for name, file in files.items() if file['role'] == 'kernel']
    engines = {file['digest'] for file in files.values() if file['role'] == 'engine'}
    need([kernel['path'] for kernel in document['kernels']] == kernels, DOC, 'kernels', f'not {kernels}')
    need(all(engines.issuperset(kernel['fits']) for kernel in document['kernels']), DOC, 'kernels', 'fits')
    for kernel in document['kernels']:
        need(kernel.get('targets') != [] and ('targets' in kernel) == ('targets_from' in kernel), DOC, 'kernels', 'targets')
    check_needs(document['target'].get('needs'))
    risks = document.get('accepted_risks')
    need(risks != [] and is_rising([(risk['path'], risk['danger']) for risk in risks or []]), DOC, 'accepted_risks')
    need(all(risk['path'] in files and len(risk['reason'].encode()) <= 1024 for risk in risks or []), DOC, 'accepted_risks')
    if 'runtime' in document:
        check_runtime(document['runtime'], files, folders)


def check_needs(needs):                                                                                          # 7
    if needs is None:
        return
    need(needs and needs.get('abi') != [] and needs.get('tensor_types') != [], DOC, 'target.needs', 'says nothing')
    need(is_rising([abi['name'] for abi in needs.get('abi', [])]), DOC, 'target.needs.abi', 'order')
    memory = needs.get('memory', {'tensor_parallel': 1, 'pipeline_parallel': 1, 'data_parallel': 1})
    devices = memory['tensor_parallel'] * memory['pipeline_parallel'] * memory['data_parallel']
    need(devices <= 65536, DOC, 'target.needs.memory', 'devices')


def check_runtime(runtime, files, folders):
    def rest(slot):
        return '' if not slot[1] or path(slot[2]) and slot[2] in (folders if slot[1] == 'dir' else files) else '{'

    entrypoint = files.get(runtime['entrypoint'], {})
    need(entrypoint.get('role') == 'engine' and entrypoint['mode'] in ('0755', '0750'), DOC, 'runtime.entrypoint')
    names = list(runtime['environment'])
    allowed = like(r'(?!LD_|GGML_BACKEND_PATH\Z)[^=]+')
    need(is_rising(names) and all(map(allowed, names)), DOC, 'runtime.environment')
    for argument in runtime['arguments']:
        unknown = re.sub(r'\{\{|\{port\}|\{threads\}|\{(file|fd|offset|dir):([^{}]*)\}', rest, argument)
        need('{' not in unknown, DOC, 'runtime.arguments', argument)
    answer = runtime.get('known_answer')
    need(not answer or answer in files, DOC, 'runtime.known_answer', answer)
    silent = runtime['port'] == 0 and 'listen_prefix' not in runtime['ready']
    need(not silent, DOC, 'runtime.ready', 'the engine does not tell its port')


def sources_of(part):
    """Every source that a part of a profile names, however deep."""
    if type(part) is list:
        return set().union(*map(sources_of, part))
    if type(part) is not dict:
        return set()
    named = {part[name] for name in ('source', 'identity_source', 'lacks_source') if name in part}
    return named.union(*map(sources_of, part.values()))


def check_profile(profile):
    def rise(name, *keys):
        order = [[part.get(key, '') for key in keys] for part in profile.get(name, [])]
        need(profile.get(name) != [] and is_rising(order), DOC, name, 'order')

    rise('accelerators', 'name'), rise('file_modes', 'engine', 'role'), rise('validated_sets', 'id')
    rise('sources', 'id')
    accelerators, software = profile.get('accelerators', []), profile.get('software', [])
    need(accelerators or 'cpu' in profile and 'kernels' in profile, DOC, 'profile', 'neither a host nor an accelerator')
    for part in accelerators:
        need(part.get('devices_per_function', {}).keys() != {'source'}, DOC, part['name'], 'devices_per_function')
    kinds = ['driver', 'firmware', 'toolkit', 'operating_system']
    order = [[kinds.index(part['kind']), part['name']] for part in software]
    need(profile.get('software') != [] and is_rising(order), DOC, 'software', 'order')
    places = [[file['path'] for file in part['places']['files']] for part in software if 'places' in part]
    need(all(files and len(set(files)) == len(files) for files in places), DOC, 'software', 'places')
    for part in profile.get('validated_sets', []):
        members = [[member['kind'], member['name']] for member in part['members']]
        need(len(members) > 1 and is_rising(members) and a_day((part['date'] + '-01')[:10]), DOC, 'set', part['id'])
    if 'cpu' in profile:
        check_cpu(profile['cpu'])
    if 'number_types' in profile:
        check_types(profile['number_types'])
    if 'kernels' in profile:
        check_kernels(profile['kernels'], profile.get('cpu', {'architecture': '', 'features': []}))
    used = sources_of([part for name, part in profile.items() if name != 'sources'])
    need({source['id'] for source in profile['sources']} == used, DOC, 'profile', 'sources')


def check_cpu(cpu):
    identity = 'vendors' in cpu or 'models' in cpu
    need(identity == ('identity_source' in cpu), DOC, 'profile', 'identity_source')
    need(identity or not cpu.get('identity_blocks'), DOC, 'profile', 'identity_blocks')
    models = cpu.get('models', [{'family': 0, 'first_model': 0, 'last_model': 0}])
    need(models and all(model['first_model'] <= model['last_model'] for model in models), DOC, 'profile', 'models')
    rise = [(a['family'], a['last_model']) < (b['family'], b['first_model']) for a, b in zip(models, models[1:])]
    need(all(rise), DOC, 'profile', 'order of models')


def check_types(types):
    need('computes' in types or 'lacks' in types, DOC, 'number_types', 'says nothing')
    for name, source in (('computes', 'source'), ('lacks', 'lacks_source')):
        need((name in types) == (source in types), DOC, 'number_types', source)
    need(not set(types.get('computes', [])) & set(types.get('lacks', [])), DOC, 'number_types', 'both')


def check_kernels(kernels, cpu):
    host, formats = {'elf_machine', 'names', 'features', 'source'} & kernels.keys(), kernels.get('formats')
    need(len(host) == 4 or not host and formats, DOC, 'kernels', 'members')
    need(not host or kernels['elf_machine'] == cpu['architecture'], DOC, 'kernels', 'elf_machine')
    names = kernels.get('names', [])
    need(len(set(names)) == len(names), DOC, 'kernels', 'names')
    need(set(kernels.get('features', [])) <= set(cpu['features']), DOC, 'kernels', 'features')
    need(formats != [] and is_rising([part['format'] for part in formats or []]), DOC, 'kernels', 'formats')
    for part in formats or []:
        need('targets' in part or not part.get('target_in_bytes'), DOC, 'kernels', part['format'])


# --- 6, 8: what follows from the document ----------------------------------------------------------------------------
IMAGE = 'application/vnd.oci.image.manifest.v1+json'
BUNDLE, MODEL = 'application/vnd.sealift.bundle.v1+json', 'application/vnd.cncf.model.manifest.v1+json'
TYPES = {'model-config': 'cncf.model.weight.config', 'doc': 'cncf.model.doc', 'config': 'sealift.config',
         'engine': 'sealift.engine', 'kernel': 'sealift.kernel', 'weights': 'cncf.model.weight'}


def reference(data):
    return {'digest': 'sha256:' + hashlib.sha256(data).hexdigest(), 'size_bytes': len(data)}


def described(media, content, name=None):
    notes = {'annotations': {'org.cncf.model.filepath': name, 'org.opencontainers.image.title': name}} if name else {}
    return {'mediaType': 'application/vnd.' + media, 'digest': content['digest'], 'size': content['size_bytes']} | notes


def manifest(kind, config, layers, **subject):
    return canonical({'schemaVersion': 2, 'mediaType': IMAGE, 'artifactType': kind, 'config': config, 'layers': layers,
                      **subject})


def model_config(document, digests):
    def there(**members):
        return {member: value for member, value in members.items() if value}

    model = document['model']
    return canonical({
        'descriptor': there(family=model.get('family'), name=model.get('name', document['name']),
                            version=document['version'], licenses=model.get('licenses')),
        'modelfs': {'type': 'layers', 'diffIds': digests},
        'config': there(architecture=model.get('architecture'), format=model.get('format'),
                        paramSize=model.get('parameters'), precision=model.get('precision'),
                        quantization=model.get('quantization'))})


def derive(document, files):
    """Model config, model manifest and bundle manifest; the files are in the order of section 4."""
    layers = [(file['role'], described(f'{TYPES[file["role"]]}.v1.raw', file, file['path'])) for file in files]
    model_layers = [layer for role, layer in layers if role in ('model-config', 'doc', 'weights')]
    config = model_config(document, [layer['digest'] for layer in model_layers])
    papers = [described('sealift.profile.v1.raw', document['target'], 'sealift/profile.json'),
              described('cyclonedx+json', document['boms']['software'], 'sealift/software.cdx.json'),
              described('cyclonedx+json', document['boms']['hardware_design'], 'sealift/hardware.design.cdx.json')]
    tables = [described('sealift.chunk-table.v1.raw', file['chunk_table'], 'sealift/chunks/' + file['path'])
              for file in files if 'chunk_table' in file]
    bundle_layers = papers + tables + [layer for role, layer in layers if role in ('config', 'engine', 'kernel')]
    document_type = 'sealift.bundle.document.v1+json'
    return (config, manifest(MODEL, described('cncf.model.config.v1+json', reference(config)), model_layers),
            manifest(BUNDLE, described(document_type, reference(canonical(document))), bundle_layers))


def attest(bundle, envelope):
    layers = [described('dsse.envelope.v1+json', reference(envelope))]
    subject = described('oci.image.manifest.v1+json', reference(bundle))
    return manifest(artifact_type(envelope), described('oci.empty.v1+json', reference(b'{}')), layers, subject=subject)


# --- 6.4: index.json -------------------------------------------------------------------------------------------------
TAG = 'org.opencontainers.image.ref.name'


def listing(bundle, model, attestations):
    tagged = [(bundle, 'bundle'), (model, 'model')]
    tagged += [(attestation, 'attestation-' + reference(attestation)['digest'][7:23]) for attestation in attestations]
    manifests = [(described('oci.image.manifest.v1+json', reference(data)), tag) for data, tag in tagged]
    return {'schemaVersion': 2, 'manifests': [{**listed, 'annotations': {TAG: tag}} for listed, tag in manifests]}


def meaning(listed):
    return listed['digest'], listed['size'], listed['mediaType'], listed.get('annotations', {}).get(TAG, '')


# --- 11.1, 11.3: envelopes and statements; 6.5: what they are called --------------------------------------------------
IN_TOTO, POLICY = 'application/vnd.in-toto+json', 'application/vnd.sealift.trust-policy.v1+json'
RELEASE_TYPE = 'urn:sealift:release/v1'
WORDS = {RELEASE_TYPE: 'release', 'urn:sealift:component/v1': 'component', 'urn:sealift:release-set/v1': 'release-set',
         'urn:sealift:rollback-permit/v1': 'rollback-permit', 'https://slsa.dev/provenance/v1': 'provenance',
         'https://slsa.dev/verification_summary/v1': 'verification-summary', 'https://cyclonedx.org/bom': 'cyclonedx',
         'https://in-toto.io/attestation/reference/v0.1': 'reference',
         'https://in-toto.io/attestation/test-result/v0.1': 'test-result',
         'https://in-toto.io/attestation/vulns/v0.2': 'vulns', 'https://in-toto.io/attestation/scai/v0.3': 'scai'}
POLICY_ARTIFACT = 'application/vnd.sealift.trust-policy.v1+dsse'
ATTESTATIONS = {f'application/vnd.in-toto.{word}+dsse' for word in [*WORDS.values(), 'statement']} | {POLICY_ARTIFACT}


def decoded(value):
    try:
        data = base64.urlsafe_b64decode(value)              # forgives much, so both spellings are compared
    except ValueError:
        data = b''
    need(value.encode() in (base64.b64encode(data), base64.urlsafe_b64encode(data)), 'TRUST-ENVELOPE', 'base64')
    return data


def read_envelope(data):
    """Payload type, payload, and the signatures as (keyid, bytes)."""
    envelope = read_json(data, ENVELOPE, 'envelope', False, 'TRUST-ENVELOPE', fraction=float)
    need(1 <= len(envelope['signatures']) <= 64, 'TRUST-ENVELOPE', 'envelope', 'number of signatures')
    signatures = [(one.get('keyid'), decoded(one['sig'])) for one in envelope['signatures']]
    return envelope['payloadType'], decoded(envelope['payload']), signatures


def read_statement(payload):
    need(len(payload) <= 16384, 'TRUST-STATEMENT', 'statement', 'size')
    statement = read_json(payload, STATEMENT, 'statement', False, 'TRUST-STATEMENT', fraction=float)
    need(1 <= len(statement['subject']) <= 1024, 'TRUST-STATEMENT', 'statement', 'number of subjects')
    return statement


def artifact_type(envelope):
    word = 'release'
    try:
        kind, payload, _ = read_envelope(envelope)
        if kind == POLICY:
            return POLICY_ARTIFACT
        if kind == IN_TOTO:
            word = WORDS.get(read_statement(payload)['predicateType'], 'statement')
    except No:
        pass
    return f'application/vnd.in-toto.{word}+dsse'


def sm3(data):
    if 'sm3' not in hashlib.algorithms_available:
        raise OSError('a subject has an SM3 digest, and this Python has no SM3')
    return hashlib.new('sm3', data).hexdigest()


def check_release(statement, document, bundle):
    """Compares a release with the document and the bytes of the bundle manifest."""
    release = shaped(statement['predicate'], RELEASE, 'release', 'TRUST-STATEMENT')
    need(release.get('issued', '') < release.get('expires', '~'), 'TRUST-STATEMENT', 'release', 'expires')
    digests = {'sha256': reference(bundle)['digest'][7:]}
    if 'sm3' in statement['subject'][0]['digest']:
        digests['sm3'] = sm3(bundle)
    subject = {'name': f'{document["name"]}@{document["version"]}', 'digest': digests}
    wanted = {'product': document['name'], 'version': document['version'],
              'release_counter': document['release_counter'],
              'target': {'profile': document['target']['profile'], 'profile_digest': document['target']['digest']}}
    need(statement['subject'] == [subject], 'TRUST-STATEMENT', 'subject', f'{statement["subject"]}'[:300])
    need({name: release[name] for name in wanted} == wanted, 'TRUST-STATEMENT', 'release', f'{release}'[:300])
