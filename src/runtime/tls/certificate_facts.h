// What a certificate says, in the texts that people and access rules use.
//
// Concurrency: reads immutable certificates, on any thread.
// Errors:      none: what a certificate does not say, or says in a broken way, is left empty.
#pragma once

#include <string>

#include "runtime/clock.h"
#include "runtime/tls/tls_stream.h"

struct X509_name_st;
struct x509_st;

namespace ottla {

// The distinguished name as Java's X500Principal.getName() prints it, its quirks included: principals and
// their mapping rules are written against that form.
std::string java_name(const X509_name_st* name);
TlsPeerCertificate read_certificate(x509_st* certificate);
// The names that the certificate is for, as people read them: "a.example, b.example".
std::string names_of(x509_st* certificate);

}  // namespace ottla
