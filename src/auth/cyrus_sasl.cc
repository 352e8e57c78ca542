// The adapter to libsasl2. sendmail: srvrsmtp.c (sasl_server_init "Sendmail"), AuthOptions.
#include <sasl/sasl.h>

#include <fstream>
#include <mutex>

#include "auth/sasl_library.h"
#include "base/strings.h"

namespace hky::auth {
namespace {

using ipc::SaslMechanisms;
using ipc::SaslRequest;
using ipc::SaslStep;

constexpr const char* kApplication = "Sendmail";   // Sendmail.conf

// libsasl2 asks for locks by these.
void* new_mutex() { return new std::mutex; }  // NOLINT: the library owns it
int lock_mutex(void* m) {
  static_cast<std::mutex*>(m)->lock();
  return SASL_OK;
}
int unlock_mutex(void* m) {
  static_cast<std::mutex*>(m)->unlock();
  return SASL_OK;
}
void free_mutex(void* m) { delete static_cast<std::mutex*>(m); }  // NOLINT
int keep_quiet(void*, int, const char*) { return SASL_OK; }

// The passwd database of SASL 1 (FreeBSD Handbook, SMTP-Auth) is saslauthd's business today. `context`: whether the site's
// configuration names it.
int option(void* context, const char* plugin, const char* name, const char** result, unsigned* size) {
  if (plugin != nullptr || name == nullptr || std::string_view(name) != "pwcheck_method") return SASL_FAIL;
  if (!*static_cast<const bool*>(context)) return SASL_FAIL;   // the library reads the file itself
  *result = "saslauthd";
  if (size != nullptr) *size = 9;
  return SASL_OK;
}

// sendmail: proxy_policy(): a client may name anyone it acts for, since the user we tell is who proved it, and the rulesets decide.
int allow_any(sasl_conn_t*, void*, const char*, unsigned, const char* proved, unsigned, const char*, unsigned, propctx*) {
  return proved != nullptr ? SASL_OK : SASL_FAIL;
}

bool names_passwd = false;

using Proc = int (*)(void);
Proc as_proc(void* function) { return reinterpret_cast<Proc>(function); }

const sasl_callback_t* callbacks() {
  static const sasl_callback_t list[] = {{SASL_CB_LOG, as_proc(reinterpret_cast<void*>(&keep_quiet)), nullptr},
                                         {SASL_CB_GETOPT, as_proc(reinterpret_cast<void*>(&option)), &names_passwd},
                                         {SASL_CB_PROXY_POLICY, as_proc(reinterpret_cast<void*>(&allow_any)), nullptr},
                                         {SASL_CB_LIST_END, nullptr, nullptr}};
  return list;
}

// sendmail: options.c, AuthOptions.
unsigned security_flags(std::string_view options) {
  unsigned flags = 0;
  for (char c : options) {
    if (c == 'p') flags |= SASL_SEC_NOPLAINTEXT;
    if (c == 'a') flags |= SASL_SEC_NOACTIVE;
    if (c == 'd') flags |= SASL_SEC_NODICTIONARY;
    if (c == 'f') flags |= SASL_SEC_FORWARD_SECRECY;
    if (c == 'c') flags |= SASL_SEC_PASS_CREDENTIALS;
    if (c == 'y') flags |= SASL_SEC_NOANONYMOUS;
    if (c == 'm') flags |= SASL_SEC_MUTUAL_AUTH;
  }
  return flags;
}

struct Disposer {
  void operator()(sasl_conn_t* c) const { sasl_dispose(&c); }
};
using Connection = std::unique_ptr<sasl_conn_t, Disposer>;

bool set_external(sasl_conn_t* c, const SaslRequest& request) {
  const sasl_ssf_t ssf = request.external_ssf;
  if (ssf > 0 && sasl_setprop(c, SASL_SSF_EXTERNAL, &ssf) != SASL_OK) return false;
  return request.external_id.empty() || sasl_setprop(c, SASL_AUTH_EXTERNAL, request.external_id.c_str()) == SASL_OK;
}

Connection connect(const SaslRequest& request) {
  sasl_conn_t* raw = nullptr;
  // sendmail: AuthRealm stands in for the host's name, so that users of that realm are plain "joe".
  const std::string& name = request.realm.empty() ? request.host : request.realm;
  if (sasl_server_new("smtp", name.c_str(), nullptr, nullptr, nullptr, nullptr, 0, &raw) != SASL_OK) return nullptr;
  Connection c(raw);
  sasl_security_properties_t properties{};
  properties.max_ssf = 0;  // no security layer, which AuthMaxBits would bound: TLS protects
  properties.maxbufsize = 0;
  properties.security_flags = security_flags(request.options);
  if (sasl_setprop(raw, SASL_SEC_PROPS, &properties) != SASL_OK || !set_external(raw, request)) return nullptr;
  return c;
}

class CyrusDialogue : public SaslDialogue {
 public:
  explicit CyrusDialogue(Connection c) : connection_(std::move(c)) {}

  SaslStep start(const std::string& mechanism, const std::optional<std::string>& initial) override {
    const char* out = nullptr;
    unsigned size = 0;
    int rc = sasl_server_start(connection_.get(), mechanism.c_str(), initial ? initial->data() : nullptr,
                               initial ? static_cast<unsigned>(initial->size()) : 0, &out, &size);
    return step_of(rc, out, size);
  }
  SaslStep step(std::string_view response) override {
    const char* out = nullptr;
    unsigned size = 0;
    int rc = sasl_server_step(connection_.get(), response.data(), static_cast<unsigned>(response.size()), &out, &size);
    return step_of(rc, out, size);
  }

 private:
  template <class T>
  const T* property(int which) const {
    const void* value = nullptr;
    return sasl_getprop(connection_.get(), which, &value) == SASL_OK ? static_cast<const T*>(value) : nullptr;
  }

  SaslStep step_of(int rc, const char* out, unsigned size) const {
    SaslStep s;
    if (out != nullptr) s.challenge.assign(out, size);
    switch (rc) {
      case SASL_OK: return done(std::move(s));
      case SASL_CONTINUE: s.kind = SaslStep::Kind::kChallenge; return s;
      case SASL_NOMECH: s.kind = SaslStep::Kind::kNoMechanism; break;
      case SASL_FAIL:        // saslauthd is not there, sasldb cannot be read: the password may be right
      case SASL_TRYAGAIN:
      case SASL_UNAVAIL:
      case SASL_NOMEM: s.kind = SaslStep::Kind::kTempFail; break;
      default: s.kind = SaslStep::Kind::kFailed; break;
    }
    s.problem = std::string(sasl_errstring(rc, nullptr, nullptr)) + " (" + std::to_string(rc) + ")";
    const char* detail = sasl_errdetail(connection_.get());
    if (detail != nullptr) s.problem += std::string(" ") + detail;
    // sendmail's log names whom the client claimed to be.
    if (const char* claimed = property<char>(SASL_AUTHUSER)) s.user = claimed;
    return s;
  }

  SaslStep done(SaslStep s) const {
    const char* user = property<char>(SASL_AUTHUSER);
    if (user == nullptr || *user == '\0') return s;   // kFailed: nobody is nobody
    s.kind = SaslStep::Kind::kDone;
    s.user = user;
    if (const sasl_ssf_t* ssf = property<sasl_ssf_t>(SASL_SSF)) s.ssf = *ssf;
    return s;
  }
  Connection connection_;
};

// Does the first Sendmail.conf of `path` say "pwcheck_method: passwd"?
bool configuration_names_passwd(std::string_view path) {
  for (std::string_view directory : split(path, ':')) {
    std::ifstream in(std::string(directory) + "/" + kApplication + ".conf");
    if (!in) continue;
    for (std::string line; std::getline(in, line);) {
      const size_t colon = line.find(':');
      if (colon == std::string::npos || line[0] == '#') continue;
      const auto words = split_words(std::string_view(line).substr(colon + 1));
      const std::string_view name = trim(std::string_view(line).substr(0, colon));
      if (iequals(name, "pwcheck_method") && words.size() == 1 && iequals(words[0], "passwd")) return true;
    }
    return false;
  }
  return false;
}

class CyrusSasl : public SaslLibrary {
 public:
  explicit CyrusSasl(const std::string& config_path) {
    sasl_set_mutex(new_mutex, lock_mutex, unlock_mutex, free_mutex);
    if (!config_path.empty()) {
      std::string copy = config_path;
      sasl_set_path(SASL_PATH_TYPE_CONFIG, copy.data());
      names_passwd = configuration_names_passwd(config_path);
    }
    ready_ = sasl_server_init(callbacks(), kApplication) == SASL_OK;
  }

  SaslMechanisms mechanisms(const SaslRequest& request) override {
    SaslMechanisms m;
    Connection c = ready_ ? connect(request) : nullptr;
    m.ready = c != nullptr;
    const char* list = nullptr;
    if (c && sasl_listmech(c.get(), nullptr, "", " ", "", &list, nullptr, nullptr) == SASL_OK && list != nullptr) m.list = list;
    return m;
  }
  std::unique_ptr<SaslDialogue> begin(const SaslRequest& request) override {
    Connection c = ready_ ? connect(request) : nullptr;
    if (!c) return nullptr;
    return std::make_unique<CyrusDialogue>(std::move(c));
  }

 private:
  bool ready_ = false;
};

}  // namespace

SaslLibrary& cyrus_sasl(const std::string& config_path) {
  static CyrusSasl one(config_path);
  return one;
}

std::string cyrus_sasl_warning() {
  if (!names_passwd) return "";
  return "Sendmail.conf: pwcheck_method passwd (SASL 1) is taken for saslauthd, which reads the passwd database "
         "(saslauthd -a getpwent or -a pam)";
}

}  // namespace hky::auth
