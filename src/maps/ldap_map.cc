// Class ldap, over OpenLDAP's library on the worker pool: one connection a map, made when first needed and after a failure.
// sendmail: ldapmap_parseargs(), ldapmap_lookup(); cf/README, "USING LDAP FOR ALIASES, MAPS, AND CLASSES".
#include <ldap.h>

#include <charconv>
#include <mutex>

#include <fmt/format.h>

#include "base/file_system.h"
#include "base/strings.h"
#include "maps/class_map.h"
#include "maps/value.h"

namespace hky::maps {
namespace {

struct LdapConfig {
  std::string uri, base, filter, bind_dn, secret_file, method, attribute_separator;
  std::vector<std::string> attributes;
  int scope = LDAP_SCOPE_SUBTREE, version = 3, deref = LDAP_DEREF_NEVER, time_limit = 0, size_limit = 0;
  bool single = false, names_only = false, no_referrals = false;
};

int number(std::string_view text) {
  int n = 0;
  std::from_chars(text.data(), text.data() + text.size(), n);
  return n;
}

int scope_of(std::string_view v) { return iequals(v, "base") ? LDAP_SCOPE_BASE : iequals(v, "one") ? LDAP_SCOPE_ONELEVEL : LDAP_SCOPE_SUBTREE; }

int deref_of(std::string_view v) {
  if (iequals(v, "always")) return LDAP_DEREF_ALWAYS;
  if (iequals(v, "search")) return LDAP_DEREF_SEARCHING;
  return iequals(v, "find") ? LDAP_DEREF_FINDING : LDAP_DEREF_NEVER;
}

// Host list and port of -h and -p become one URI list.
std::string uri_of(const std::string& hosts, const std::string& port) {
  std::string out;
  for (const auto host : split_words(hosts)) {
    if (!out.empty()) out += ' ';
    out += fmt::format("ldap://{}", host);
    if (!port.empty() && host.find(':') == std::string_view::npos) out += ":" + port;
  }
  return out;
}

LdapConfig read_config(const MapSpec& defaults, const MapSpec& spec) {
  LdapConfig c;
  std::string hosts;
  std::string port;
  for (const MapSpec* s : {&defaults, &spec}) {
    for (const auto& f : s->rest) {
      const std::string v = f.substr(1);
      switch (f[0]) {
        case 'h': hosts = v; c.uri.clear(); break;
        case 'H': c.uri = v; break;
        case 'p': port = v; break;
        case 'b': c.base = v; break;
        case 'k': c.filter = v; break;
        case 'v': c.attributes.clear(); for (const auto a : split(v, ',')) c.attributes.emplace_back(a.substr(0, a.find(':'))); break;
        case 'd': c.bind_dn = v; break;
        case 'P': c.secret_file = v; break;
        case 'M': c.method = v; break;
        case 's': c.scope = scope_of(v); break;
        case 'r': c.deref = deref_of(v); break;
        case 'l': c.time_limit = number(v); break;
        case 'Z': c.size_limit = number(v); break;
        case 'w': c.version = number(v); break;
        case 'V': c.attribute_separator = v; break;
        case '1': c.single = true; break;
        case 'n': c.names_only = true; break;
        case 'R': c.no_referrals = true; break;
        default: break;
      }
    }
  }
  if (c.uri.empty()) c.uri = uri_of(hosts, port);
  return c;
}

// RFC 4515 3: what has a meaning in a filter is written as \xx.
std::string escape(std::string_view s) {
  std::string out;
  for (const char c : s) {
    if (c == '*' || c == '(' || c == ')' || c == '\\' || c == '\0') out += fmt::format("\\{:02x}", static_cast<unsigned char>(c));
    else out += c;
  }
  return out;
}

std::string filter_for(const std::string& filter, const Question& q) {
  std::string out;
  for (size_t i = 0; i < filter.size(); ++i) {
    if (filter[i] != '%' || i + 1 == filter.size()) {
      out += filter[i];
      continue;
    }
    const char c = filter[++i];
    if (c == 's') out += q.key;
    else if (c == '0') out += escape(q.key);
    else if (is_digit(c) && static_cast<size_t>(c - '0') <= q.args.size()) out += escape(q.args[static_cast<size_t>(c - '1')]);
    else if (c == '%') out += '%';
    else (out += '%') += c;
  }
  return out;
}

class LdapMap : public ClassMap {
 public:
  LdapMap(MapSpec spec, World& world) : ClassMap(std::move(spec), world) {
    MapSpec defaults;
    defaults.map_class = "ldap";
    defaults.args = world.env.ldap_default_spec;
    // A broken default spec is cf's to report; here it counts as none.
    if (!parse_map_args(defaults).ok()) defaults.rest.clear();
    config_ = read_config(defaults, spec_);
  }
  ~LdapMap() override { unbind(); }
  LdapMap(const LdapMap&) = delete;
  LdapMap& operator=(const LdapMap&) = delete;

  bool open(std::string& why) override {
    if (!config_.filter.empty()) return true;
    why = fmt::format("LDAP map {}: no -k filter", spec_.name);
    return false;
  }

  net::Task<MapAnswer> lookup(net::Loop& loop, Question q) override {
    std::function<MapAnswer()> work = [this, q] {
      const std::lock_guard<std::mutex> hold(mutex_);
      return search(q);
    };
    MapAnswer a = co_await run_aside(loop, std::move(work));
    co_return a;
  }

 private:
  void unbind() {
    if (ld_ != nullptr) ldap_unbind_ext_s(ld_, nullptr, nullptr);
    ld_ = nullptr;
  }

  int bind_server() {
    int rc = ldap_initialize(&ld_, config_.uri.empty() ? nullptr : config_.uri.c_str());
    if (rc != LDAP_SUCCESS) return rc;
    ldap_set_option(ld_, LDAP_OPT_PROTOCOL_VERSION, &config_.version);
    ldap_set_option(ld_, LDAP_OPT_DEREF, &config_.deref);
    if (config_.no_referrals) ldap_set_option(ld_, LDAP_OPT_REFERRALS, LDAP_OPT_OFF);
    timeval wait{};
    wait.tv_sec = config_.time_limit > 0 ? config_.time_limit : 60;
    ldap_set_option(ld_, LDAP_OPT_NETWORK_TIMEOUT, &wait);
    ldap_set_option(ld_, LDAP_OPT_TIMEOUT, &wait);
    std::string secret;
    if (!config_.secret_file.empty()) {
      auto text = kernel_file_system().read_file(world_.path(config_.secret_file), 4096);
      if (text.ok()) secret = trim(*text);
    }
    berval cred{};
    cred.bv_val = secret.data();
    cred.bv_len = secret.size();
    return ldap_sasl_bind_s(ld_, config_.bind_dn.empty() ? nullptr : config_.bind_dn.c_str(), LDAP_SASL_SIMPLE, &cred, nullptr, nullptr, nullptr);
  }

  MapAnswer failed(int rc) {
    unbind();
    MapAnswer a = missed(kExTempFail);
    a.message = fmt::format("LDAP map {}: {}: {}", spec_.name, config_.uri, ldap_err2string(rc));
    return a;
  }

  MapAnswer search(const Question& q) {
    if (ld_ == nullptr) {
      if (const int rc = bind_server(); rc != LDAP_SUCCESS) return failed(rc);
    }
    std::vector<char*> attributes;
    for (auto& a : config_.attributes) attributes.push_back(a.data());
    attributes.push_back(nullptr);
    LDAPMessage* result = nullptr;
    timeval wait{};
    wait.tv_sec = config_.time_limit > 0 ? config_.time_limit : 60;
    const std::string filter = filter_for(config_.filter, q);
    const int rc = ldap_search_ext_s(ld_, config_.base.c_str(), config_.scope, filter.c_str(), attributes.size() > 1 ? attributes.data() : nullptr,
                                     config_.names_only ? 1 : 0, nullptr, nullptr, &wait, config_.size_limit, &result);
    MapAnswer a;
    if (rc == LDAP_SUCCESS || rc == LDAP_SIZELIMIT_EXCEEDED) a = collect(q, result);
    else if (rc == LDAP_NO_SUCH_OBJECT) a = missed(kExNotFound);
    else a = failed(rc);
    if (result != nullptr) ldap_msgfree(result);
    return a;
  }

  MapAnswer collect(const Question& q, LDAPMessage* result) {
    const int entries = ldap_count_entries(ld_, result);
    if (entries <= 0 || (config_.single && entries > 1)) return missed(kExNotFound);
    std::vector<std::string> values;
    for (LDAPMessage* e = ldap_first_entry(ld_, result); e != nullptr; e = ldap_next_entry(ld_, e)) {
      BerElement* ber = nullptr;
      for (char* name = ldap_first_attribute(ld_, e, &ber); name != nullptr; name = ldap_next_attribute(ld_, e, ber)) {
        add_attribute(e, name, values);
        ldap_memfree(name);
      }
      if (ber != nullptr) ber_free(ber, 0);
    }
    if (values.empty()) return spec_.match_only ? found(q, {}) : missed(kExNotFound);
    if (spec_.column_delimiter.empty()) return found(q, values.front());
    return found(q, join(values, spec_.column_delimiter));
  }

  void add_attribute(LDAPMessage* entry, const char* name, std::vector<std::string>& values) const {
    if (config_.names_only) {
      values.emplace_back(name);
      return;
    }
    berval** list = ldap_get_values_len(ld_, entry, name);
    for (size_t i = 0; list != nullptr && list[i] != nullptr; ++i) {
      std::string v(list[i]->bv_val, list[i]->bv_len);
      if (!config_.attribute_separator.empty()) v = name + config_.attribute_separator + v;
      values.push_back(std::move(v));
    }
    if (list != nullptr) ldap_value_free_len(list);
  }

  LdapConfig config_;
  std::mutex mutex_;
  LDAP* ld_ = nullptr;
};

}  // namespace

std::unique_ptr<Map> make_ldap_map(MapSpec spec, World& world) {
  if (spec.map_class != "ldap") return nullptr;
  return std::make_unique<LdapMap>(std::move(spec), world);
}

}  // namespace hky::maps
