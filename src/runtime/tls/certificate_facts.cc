#include "runtime/tls/certificate_facts.h"

#include <openssl/asn1.h>
#include <openssl/bn.h>
#include <openssl/x509v3.h>

#include <cstdint>
#include <ctime>
#include <memory>
#include <span>
#include <string_view>

#include "runtime/address.h"
#include "runtime/tls/openssl_errors.h"

namespace ottla {
namespace {

using Bytes = std::span<const unsigned char>;

Bytes bytes_of(const ASN1_STRING* text) {
  return {ASN1_STRING_get0_data(text), static_cast<std::size_t>(ASN1_STRING_length(text))};
}

std::string text_of(const ASN1_STRING* text) {
  const Bytes bytes = bytes_of(text);
  return std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

// The attribute types that RFC 2253 gives a keyword; Java prints all others as dotted numbers.
const char* keyword_of(const ASN1_OBJECT* type) {
  switch (OBJ_obj2nid(type)) {
    case NID_commonName:
      return "CN";
    case NID_localityName:
      return "L";
    case NID_stateOrProvinceName:
      return "ST";
    case NID_organizationName:
      return "O";
    case NID_organizationalUnitName:
      return "OU";
    case NID_countryName:
      return "C";
    case NID_streetAddress:
      return "STREET";
    case NID_domainComponent:
      return "DC";
    case NID_userId:
      return "UID";
    default:
      return nullptr;
  }
}

bool is_text(int asn1_type) {
  switch (asn1_type) {
    case V_ASN1_PRINTABLESTRING:
    case V_ASN1_T61STRING:
    case V_ASN1_IA5STRING:
    case V_ASN1_GENERALSTRING:
    case V_ASN1_BMPSTRING:
    case V_ASN1_UTF8STRING:
      return true;
    default:
      return false;
  }
}

void append_hex(std::string& out, Bytes bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  for (const unsigned char byte : bytes) {
    out += kDigits[byte >> 4];
    out += kDigits[byte & 15];
  }
}

void append_der(std::string& out, const ASN1_STRING* value) {
  ASN1_TYPE* wrapped = ASN1_TYPE_new();
  if (wrapped == nullptr) return;
  unsigned char* der = nullptr;
  if (ASN1_TYPE_set1(wrapped, ASN1_STRING_type(value), value) == 1) {
    const int size = i2d_ASN1_TYPE(wrapped, &der);
    if (size > 0) append_hex(out, Bytes(der, static_cast<std::size_t>(size)));
  }
  OPENSSL_free(der);
  ASN1_TYPE_free(wrapped);
}

constexpr std::string_view kReplacement = "\xef\xbf\xbd";

// How many bytes the well-formed UTF-8 character at the front takes; 0 when there is none.
std::size_t character_at(Bytes bytes) {
  const unsigned char first = bytes[0];
  if (first < 0x80) return 1;
  const std::size_t size = first >= 0xf0 && first <= 0xf4 ? 4 : first >= 0xe0 ? 3 : first >= 0xc2 ? 2 : 0;
  if (size == 0 || first > 0xf4 || bytes.size() < size) return 0;
  for (std::size_t i = 1; i < size; ++i) {
    if ((bytes[i] & 0xc0) != 0x80) return 0;
  }
  const bool overlong = (first == 0xe0 && bytes[1] < 0xa0) || (first == 0xf0 && bytes[1] < 0x90);
  const bool surrogate = first == 0xed && bytes[1] >= 0xa0;
  const bool beyond = first == 0xf4 && bytes[1] >= 0x90;
  return overlong || surrogate || beyond ? 0 : size;
}

// Java takes the raw bytes for UTF-8 whatever their type says, and escapes as RFC 2253 asks, '=' and '#' too.
void append_escaped(std::string& out, Bytes bytes) {
  const auto padding = [](unsigned char byte) { return byte == ' ' || byte == '\r'; };
  std::size_t lead = 0;
  while (lead < bytes.size() && padding(bytes[lead])) ++lead;
  std::size_t trail = bytes.size();
  while (trail > lead && padding(bytes[trail - 1])) --trail;
  for (std::size_t i = 0; i < bytes.size();) {
    const Bytes rest = bytes.subspan(i);
    const std::size_t size = character_at(rest);
    if (size == 0) {
      out += kReplacement;
    } else if (rest[0] == 0) {
      out += "\\00";
    } else {
      const bool escaped =
          i < lead || i >= trail || std::string_view(",=+<>#;\"\\").contains(static_cast<char>(rest[0]));
      if (escaped) out += '\\';
      out.append(reinterpret_cast<const char*>(rest.data()), size);
    }
    i += size == 0 ? 1 : size;
  }
}

void append_attribute(std::string& out, const X509_NAME_ENTRY* entry) {
  const ASN1_OBJECT* type = X509_NAME_ENTRY_get_object(entry);
  const ASN1_STRING* value = X509_NAME_ENTRY_get_data(entry);
  const char* keyword = keyword_of(type);
  if (keyword != nullptr) {
    out += keyword;
  } else {
    char dotted[128] = "";
    OBJ_obj2txt(dotted, sizeof dotted, type, 1);
    out += dotted;
  }
  out += '=';
  if (keyword == nullptr || !is_text(ASN1_STRING_type(value))) {
    out += '#';
    append_der(out, value);
  } else {
    append_escaped(out, bytes_of(value));
  }
}

WallTime time_of(const ASN1_TIME* time) {
  std::tm fields{};
  if (ASN1_TIME_to_tm(time, &fields) != 1) return {};
  const auto day = std::chrono::year(fields.tm_year + 1900) / (fields.tm_mon + 1) / fields.tm_mday;
  const std::chrono::seconds seconds =
      std::chrono::sys_days(day).time_since_epoch() + std::chrono::hours(fields.tm_hour) +
      std::chrono::minutes(fields.tm_min) + std::chrono::seconds(fields.tm_sec);
  // Nanoseconds of 64 bits end in 2262; certificates may say year 9999, "never".
  constexpr auto kLast = std::chrono::floor<std::chrono::seconds>(Duration::max());
  constexpr auto kFirst = std::chrono::ceil<std::chrono::seconds>(Duration::min());
  return WallTime(std::clamp(seconds, kFirst, kLast));
}

std::string hex_serial(const X509* certificate) {
  BIGNUM* number = ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate), nullptr);
  char* text = number != nullptr ? BN_bn2hex(number) : nullptr;
  std::string out = text != nullptr ? text : "";
  OPENSSL_free(text);
  BN_free(number);
  const std::size_t first = out.find_first_not_of('0');
  return first == std::string::npos ? "0" : out.substr(first);
}

std::string address_text(Bytes bytes) {
  if (bytes.size() == 4) return Address::ipv4({bytes[0], bytes[1], bytes[2], bytes[3]}, 0).host();
  if (bytes.size() != 16) return "";
  std::array<std::uint8_t, 16> ip{};
  std::copy(bytes.begin(), bytes.end(), ip.begin());
  return Address::ipv6(ip, 0).host();
}

void read_alternative_names(X509* certificate, TlsPeerCertificate& out) {
  auto* names =
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr));
  for (int i = 0; i < sk_GENERAL_NAME_num(names); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names, i);
    if (name->type == GEN_DNS) out.dns_names.push_back(text_of(name->d.dNSName));
    if (name->type == GEN_URI) out.uris.push_back(text_of(name->d.uniformResourceIdentifier));
    if (name->type == GEN_EMAIL) out.emails.push_back(text_of(name->d.rfc822Name));
    if (name->type == GEN_IPADD) out.ip_addresses.push_back(address_text(bytes_of(name->d.iPAddress)));
  }
  GENERAL_NAMES_free(names);
}

}  // namespace

std::string java_name(const X509_name_st* name) {
  std::string out;
  const int count = X509_NAME_entry_count(name);
  // The most specific set comes first; within a set the order stays.
  for (int end = count; end > 0;) {
    int begin = end - 1;
    const int set = X509_NAME_ENTRY_set(X509_NAME_get_entry(name, begin));
    while (begin > 0 && X509_NAME_ENTRY_set(X509_NAME_get_entry(name, begin - 1)) == set) --begin;
    if (!out.empty()) out += ',';
    for (int i = begin; i < end; ++i) {
      if (i > begin) out += '+';
      append_attribute(out, X509_NAME_get_entry(name, i));
    }
    end = begin;
  }
  return out;
}

TlsPeerCertificate read_certificate(x509_st* certificate) {
  const OpenSslCall call;
  TlsPeerCertificate out;
  out.subject = java_name(X509_get_subject_name(certificate));
  out.issuer = java_name(X509_get_issuer_name(certificate));
  out.serial = hex_serial(certificate);
  out.not_before = time_of(X509_get0_notBefore(certificate));
  out.not_after = time_of(X509_get0_notAfter(certificate));
  read_alternative_names(certificate, out);
  return out;
}

std::string names_of(x509_st* certificate) {
  const TlsPeerCertificate facts = read_certificate(certificate);
  std::string out;
  const auto add = [&out](const std::string& name) { out.append(out.empty() ? "" : ", ").append(name); };
  for (const std::string& name : facts.dns_names) add(name);
  for (const std::string& name : facts.ip_addresses) add(name);
  if (out.empty()) add(facts.subject);
  return out;
}

}  // namespace ottla
