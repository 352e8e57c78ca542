// What every configuration has before its first line and after its last: built-in macros, classes, mailers; the host's own
// names. sendmail: conf.c setdefaults(), main.c (SYSTEM IDENTITY), readcf.c initmailers, daemon.c load_if_names().
#include <fmt/core.h>

#include "base/strings.h"
#include "cf/reader_impl.h"

namespace hky::cf {

namespace {

// sendmail: main.c initmacros() and conf.c: classes that MIME handling and the sticky macros of a session need.
struct BuiltinClass { const char* name; const char* words; };
constexpr BuiltinClass kClasses[] = {
    {"e", "7bit 8bit binary"},
    {"n", "multipart/signed"},
    {"s", "rfc822"},
    {"checkMIMETextHeaders", "content-description"},
    {"checkMIMEFieldHeaders", "content-disposition content-type"},
    {"checkMIMEHeaders", "mime-version content-type content-disposition content-id content-transfer-encoding"},
    {"persistentMacros", "r s _ {if_addr} {daemon_flags}"},
};

}  // namespace

void Reader::defaults() {
  const HostIdentity& host = req_.identity;
  // Who does not ask for it is not held up by what else the machine does: one process delivers, not one a message.
  c_.options.queue_la = c_.options.refuse_la = 0;
  auto define = [&](NameId id, std::string_view value) { c_.macros[id] = to_text(value); };
  define('n', "MAILER-DAEMON");
  define('v', host.version.empty() ? HKY_VERSION : host.version);
  for (const BuiltinClass& cls : kClasses) class_words(c_.names.intern(cls.name), cls.words);

  if (!host.hostname.empty()) {
    define('j', host.hostname);
    size_t dot = host.hostname.find('.');
    define('w', host.hostname.substr(0, dot));
    if (dot != std::string::npos && dot + 1 < host.hostname.size()) {
      define('m', host.hostname.substr(dot + 1));
    }
    add_class_word(c_, 'w', host.hostname);
    // sendmail: "a.b.c" is also known as "a" where two labels remain behind the cut
    if (dot != std::string::npos && host.hostname.find('.', dot + 1) != std::string::npos) {
      add_class_word(c_, 'w', host.hostname.substr(0, dot));
    }
  }
  const std::string& node = host.node_name.empty() ? host.hostname : host.node_name;
  if (!node.empty()) {
    define('k', node);
    add_class_word(c_, 'k', node);
    add_class_word(c_, 'w', node);
  }
  for (const std::string& alias : host.aliases) add_class_word(c_, 'w', alias);
  for (const std::string& address : host.addresses) add_class_word(c_, 'w', fmt::format("[{}]", address));

  c_.options.forward_path = translate("$z/.forward");
  c_.options.smtp_greeting_message = translate("$j Sendmail $v ready at $b");
  c_.options.unix_from_line = translate("From $g $d");

  mailer_line("prog, P=/bin/sh, F=lsouDq9, T=X-Unix/X-Unix/X-Unix, A=sh -c $u");
  mailer_line("*file*, P=[FILE], F=lsDFMPEouq9, T=X-Unix/X-Unix/X-Unix, A=FILE $u");
  mailer_line("*include*, P=/dev/null, F=su, A=INCLUDE $u");
}

void Reader::overrides() {
  c_.names.file_begins();
  line_ = 1;   // which of them
  for (const auto& [name, value] : req_.macros) {
    ParsedName id = name_of(name.size() == 1 ? name : "{" + name + "}");
    if (id.id == 0) continue;
    c_.macros[id.id] = translate(value);
    sticky_.insert("macro " + c_.names.display(id.id));
  }
  for (const Override& one : req_.options) {
    SetOption request;
    request.name = one.name;
    request.letter = one.letter;
    request.value = to_text(one.value);   // sendmail: of the command line, a dollar is a dollar
    request.sticky = true;
    option(request);
    ++line_;
  }
  line_ = 0;
}

void Reader::finish() {
  line_ = 0;
  c_.names.file_ends();
  // sendmail: main.c: what $m is after the file is what class m holds besides its C lines
  if (auto domain = c_.macros.find('m'); domain != c_.macros.end()) {
    const std::string word = expand_to_string(domain->second, MacroScope(c_));
    if (!word.empty()) add_class_word(c_, 'm', word);
  }
  if (auto name = c_.macros.find('j'); name != c_.macros.end()) {
    const std::string word = expand_to_string(name->second, MacroScope(c_));
    if (!word.empty() && !c_.in_class('w', word)) add_class_word(c_, 'w', word);
  }
  // sendmail: load_if_names() runs after the file was read, because DontProbeInterfaces may stand in it
  ProbeInterfaces probe = c_.options.dont_probe_interfaces;
  if (probe != ProbeInterfaces::kNone) {
    for (const HostIdentity::Interface& i : req_.identity.interfaces) {
      add_class_word(c_, 'w', fmt::format("[{}]", i.address));
      if (probe == ProbeInterfaces::kNotLoopback && i.loopback) continue;
      for (const std::string& name : i.names) add_class_word(c_, 'w', name);
    }
  }
  if (c_.find_mailer("local") == nullptr) error("No local mailer defined");
  finish_queues();
}

}  // namespace hky::cf
