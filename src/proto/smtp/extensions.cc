// The EHLO reply's lines, one keyword each (RFC 5321 4.1.1.1).
#include "proto/smtp/extensions.h"

namespace hky::smtp {
namespace {

std::string upper(std::string_view s) {
  std::string out(s);
  for (char& c : out)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
  return out;
}

void add_auth(Extensions& ext, std::string_view words) {
  while (!words.empty()) {
    size_t end = std::min(words.find(' '), words.size());
    if (end > 0) ext.auth.push_back(upper(words.substr(0, end)));
    words.remove_prefix(std::min(end + 1, words.size()));
  }
}

struct Flag { const char* word; bool Extensions::*member; };
constexpr Flag kFlags[] = {
    {"PIPELINING", &Extensions::pipelining}, {"8BITMIME", &Extensions::eightbitmime}, {"SIZE", &Extensions::size},
    {"DSN", &Extensions::dsn}, {"ENHANCEDSTATUSCODES", &Extensions::enhanced_status}, {"STARTTLS", &Extensions::starttls},
    {"DELIVERBY", &Extensions::deliverby}, {"ETRN", &Extensions::etrn}, {"SMTPUTF8", &Extensions::smtputf8},
    {"CHUNKING", &Extensions::chunking}, {"REQUIRETLS", &Extensions::requiretls}, {"VERB", &Extensions::verb},
};

void take_keyword(Extensions& ext, std::string_view line) {
  size_t end = std::min(line.find_first_of(" ="), line.size());
  std::string word = upper(line.substr(0, end));
  std::string_view rest = line.substr(std::min(end + 1, line.size()));
  for (const Flag& f : kFlags)
    if (word == f.word) ext.*(f.member) = true;
  if (word == "AUTH") add_auth(ext, rest);
}

}  // namespace

Extensions parse_extensions(const RemoteReply& ehlo) {
  Extensions ext;
  ext.esmtp = true;
  std::string_view text = ehlo.text;
  bool first = true;
  while (!text.empty()) {
    size_t nl = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, nl);
    text.remove_prefix(std::min(nl + 1, text.size()));
    if (!first && line.size() > 4) {
      ext.lines.emplace_back(line.substr(4));
      take_keyword(ext, line.substr(4));
    }
    first = false;
  }
  return ext;
}

}  // namespace hky::smtp
