#include "proto/mail/message.h"

#include <algorithm>

namespace hky::mail {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }
bool blank(char c) { return c == ' ' || c == '\t'; }

// One line without its newline; `pos` moves behind it.
std::string_view take_line(std::string_view text, size_t& pos) {
  size_t nl = text.find('\n', pos);
  size_t end = nl == std::string_view::npos ? text.size() : nl;
  std::string_view line = text.substr(pos, end - pos);
  pos = nl == std::string_view::npos ? text.size() : nl + 1;
  return line;
}

// The name's length where `line` begins a field, else npos. sendmail: isheader(): printable, no blank but before the colon.
size_t field_name_length(std::string_view line) {
  size_t i = 0;
  while (i < line.size() && line[i] > ' ' && line[i] != ':' && line[i] != 0x7f) ++i;
  size_t name = i;
  while (i < line.size() && blank(line[i])) ++i;
  if (name == 0 || i >= line.size() || line[i] != ':') return std::string_view::npos;
  return name;
}

}  // namespace

bool same_name(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return lower(x) == lower(y); });
}

bool is_field_name(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) { return c > ' ' && c < 0x7f && c != ':'; });
}

const Field* Header::find(std::string_view name) const {
  for (const Field& f : fields)
    if (same_name(f.name, name)) return &f;
  return nullptr;
}

size_t Header::count(std::string_view name) const {
  size_t n = 0;
  for (const Field& f : fields) n += same_name(f.name, name);
  return n;
}

Header parse_header(std::string_view text) {
  Header h;
  size_t pos = 0;
  if (text.substr(0, 5) == "From ") h.unix_from = take_line(text, pos);
  while (pos < text.size()) {
    size_t begin = pos, next = pos;
    std::string_view line = take_line(text, next);
    if (line.empty()) {
      h.had_separator = true;
      pos = next;
      break;
    }
    size_t name = field_name_length(line);
    if (name == std::string_view::npos) break;  // sendmail: the body begins here
    while (next < text.size() && blank(text[next])) take_line(text, next);
    Field f;
    f.raw = text.substr(begin, next - begin);
    f.name = line.substr(0, name);
    size_t colon = begin + line.find(':', name);
    size_t end = next;
    if (end > begin && text[end - 1] == '\n') --end;
    size_t v = colon + 1;
    if (v < end && blank(text[v])) ++v;
    f.value = text.substr(v, end - v);
    h.fields.push_back(f);
    pos = next;
  }
  h.body_offset = pos;
  return h;
}

std::string unfold(std::string_view value) {
  std::string out;
  out.reserve(value.size());
  for (char c : value)
    if (c != '\n' && c != '\r') out += c;
  size_t b = 0, e = out.size();
  while (b < e && blank(out[b])) ++b;
  while (e > b && blank(out[e - 1])) --e;
  return out.substr(b, e - b);
}

size_t count_hops(const Header& header) { return header.count("Received"); }

bool has_8bit(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) & 0x80; });
}

}  // namespace hky::mail
