// Keys of a broker or controller: TLS.
#pragma once

#include "config/key.h"

namespace ottla::config::tables {

inline constexpr Key kTls[] = {
    {"ssl.protocol", Type::string, "TLSv1.3", kAny, Importance::medium, UpdateMode::per_broker,
     "Newest version of TLS."},
    {"ssl.enabled.protocols", Type::list, "TLSv1.2,TLSv1.3", kList, Importance::medium,
     UpdateMode::per_broker, "Versions of TLS that are spoken."},
    {"ssl.cipher.suites", Type::list, "", kList, Importance::medium, UpdateMode::per_broker,
     "Cipher suites that may be used; those of the library when empty."},
    {"ssl.client.auth", Type::string, "none", one_of("required, requested, none"), Importance::medium,
     UpdateMode::per_broker, "Whether clients must show a certificate: required, requested or none."},
    {"ssl.keystore.type", Type::string, "JKS", kAny, Importance::medium, UpdateMode::per_broker,
     "Format of the key store: JKS, PKCS12 or PEM."},
    {"ssl.keystore.location", Type::string, kNull, kAny, Importance::medium, UpdateMode::per_broker,
     "File with this node's key and certificate."},
    {"ssl.keystore.password", Type::password, kNull, kAny, Importance::medium, UpdateMode::per_broker,
     "Password of the key store."},
    {"ssl.keystore.key", Type::password, kNull, kAny, Importance::medium, UpdateMode::per_broker,
     "Private key itself, as PEM."},
    {"ssl.keystore.certificate.chain", Type::password, kNull, kAny, Importance::medium,
     UpdateMode::per_broker, "Certificates that belong to the private key, as PEM."},
    {"ssl.key.password", Type::password, kNull, kAny, Importance::medium, UpdateMode::per_broker,
     "Password of the private key."},
    {"ssl.truststore.type", Type::string, "JKS", kAny, Importance::medium, UpdateMode::per_broker,
     "Format of the trust store: JKS, PKCS12 or PEM."},
    {"ssl.truststore.location", Type::string, kNull, kAny, Importance::medium, UpdateMode::per_broker,
     "File with the certificates that are trusted."},
    {"ssl.truststore.password", Type::password, kNull, kAny, Importance::medium, UpdateMode::per_broker,
     "Password of the trust store."},
    {"ssl.truststore.certificates", Type::password, kNull, kAny, Importance::medium, UpdateMode::per_broker,
     "Trusted certificates themselves, as PEM."},
    {"ssl.endpoint.identification.algorithm", Type::string, "https", kAny, Importance::low,
     UpdateMode::per_broker, "How the name of a server is checked; empty turns it off."},
    {"ssl.principal.mapping.rules", Type::string, "DEFAULT", kAny, Importance::low, UpdateMode::read_only,
     "Rules that make a principal of a certificate's name."},
    {"ssl.allow.dn.changes", Type::boolean, "false", kAny, Importance::low, UpdateMode::read_only,
     "Whether a key store loaded while running may name another subject."},
    {"ssl.allow.san.changes", Type::boolean, "false", kAny, Importance::low, UpdateMode::read_only,
     "Whether a key store loaded while running may lack names that the old one had."},
    {"ssl.engine.factory.class", Type::class_name, kNull, kAny, Importance::low, UpdateMode::per_broker,
     "Class that makes TLS engines."},
    {"ssl.provider", Type::string, kNull, kAny, Importance::medium, UpdateMode::per_broker,
     "Security provider of the Java runtime.", Effect::none},
    {"ssl.keymanager.algorithm", Type::string, "SunX509", kAny, Importance::medium, UpdateMode::per_broker,
     "Key manager of the Java runtime.", Effect::none},
    {"ssl.trustmanager.algorithm", Type::string, "PKIX", kAny, Importance::medium, UpdateMode::per_broker,
     "Trust manager of the Java runtime.", Effect::none},
    {"ssl.secure.random.implementation", Type::string, kNull, kAny, Importance::low, UpdateMode::per_broker,
     "Random generator of the Java runtime.", Effect::none},
    {"security.providers", Type::string, kNull, kAny, Importance::low, UpdateMode::read_only,
     "Classes that add security providers to the Java runtime.", Effect::none},
};

}  // namespace ottla::config::tables
