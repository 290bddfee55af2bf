#!/usr/bin/env python3
"""make_statement_corpus.py NAME FOLDER: a statement of each kind, and near misses.

The target has the bundle, so stand-ins are put here: runs of one hex digit for digests (0 the bundle, 1 the profile,
2 the model manifest, 3 a kernel, 4 and 5 the software and the hardware BOM; a is something else), and @name,
@version, @profile, @counter and @next, the counter after it.
"""

import json
import sys

from corpus import write_corpus

BUNDLE, PROFILE, MODEL, KERNEL, SOFTWARE, HARDWARE, OTHER = (digit * 64 for digit in "012345a")
NAME, VERSION = "@name", "@version"


def compact(value):
    text = json.dumps(value, separators=(",", ":"))
    return text.replace('"@counter"', "@counter").replace('"@next"', "@next")


def statement(kind, predicate, subjects=((f"{NAME}@{VERSION}", BUNDLE),)):
    return compact({
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": name, "digest": {"sha256": digest}} for name, digest in subjects],
        "predicateType": kind,
        "predicate": predicate,
    })


def release(**changes):
    return statement("urn:sealift:release/v1", {
        "product": NAME, "version": VERSION, "release_counter": "@counter",
        "target": {"profile": "@profile", "profile_digest": "sha256:" + PROFILE}} | changes)


def permit(**changes):
    return statement("urn:sealift:rollback-permit/v1", {
        "product": NAME, "from_counter": "@next", "to": {"sha256": BUNDLE}, "sites": ["line-7"],
        "expires": "2027-01-01T00:00:00Z", "reason": "release 2 overheats"} | changes)


def provenance(builder="https://build.example/one"):
    return statement("https://slsa.dev/provenance/v1", {
        "buildDefinition": {"buildType": "urn:sealift:build/v1", "externalParameters": {"profile": "x"},
                            "resolvedDependencies": [{"name": "model", "digest": {"sha256": MODEL}}]},
        "runDetails": {"builder": {"id": builder, "version": {"sealift": "0"}}}})


def boms(*digests):
    return statement("https://in-toto.io/attestation/reference/v0.1", {
        "attester": {"id": "https://build.example/one"},
        "references": [{"name": f"bom{i}", "digest": {"sha256": digest}, "mediaType": "application/vnd.cyclonedx+json"}
                       for i, digest in enumerate(digests)]})


def release_set(own=BUNDLE):
    members = [("npu-driver", OTHER, "driver"), (f"{NAME}@{VERSION}", own, "bundle")]
    members.sort()
    return statement("urn:sealift:release-set/v1", {
        "set": "autumn", "counter": 1,
        "members": [{"name": name, "digest": {"sha256": digest}, "role": role} for name, digest, role in members]},
        [(name, digest) for name, digest, _ in members])


def component(role="kernel", digest=KERNEL):
    return statement("urn:sealift:component/v1", {"role": role}, [("kernels/some.so", digest)])


write_corpus(sys.argv[2], {
    "release": release(),
    "release-terms": release(security_epoch=3, issued="2026-11-01T00:00:00Z", expires="2027-01-01T00:00:00Z",
                             policy_min_version=1, replaces=["sha256:" + OTHER],
                             export={"classification": "5D992", "destinations": ["DE", "FR"]}),
    "release-ended": release(expires="2026-11-30T00:00:00Z"),
    "release-of-another": statement("urn:sealift:release/v1", {}, [("other", OTHER)]),
    "permit": permit(),
    "permit-elsewhere": permit(sites=["line-6", "line-8"]),
    "provenance": provenance(),
    "provenance-elsewhere": provenance("https://build.example/two\x1b[31m"),
    "boms": boms(SOFTWARE, HARDWARE),
    "boms-one": boms(SOFTWARE),
    "cyclonedx": statement("https://cyclonedx.org/bom", {"bomFormat": "CycloneDX", "specVersion": "1.7"}),
    "release-set": release_set(),
    "release-set-mixed": release_set(OTHER),
    "component": component(),
    "component-model": component("weights", MODEL),
    "another-kind": statement("https://example.org/\u202elab", {"passed": 1.5}),
})
