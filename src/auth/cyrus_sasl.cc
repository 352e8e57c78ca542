// The adapter to libsasl2. sendmail: srvrsmtp.c (sasl_server_init "Sendmail", intersect()), AuthOptions.
#include <sasl/sasl.h>

#include <mutex>

#include "auth/sasl.h"
#include "base/strings.h"

namespace hky::auth {
namespace {

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

using Proc = int (*)(void);

const sasl_callback_t* callbacks() {
  static const sasl_callback_t list[] = {{SASL_CB_LOG, reinterpret_cast<Proc>(reinterpret_cast<void*>(&keep_quiet)), nullptr},
                                         {SASL_CB_LIST_END, nullptr, nullptr}};
  return list;
}

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

Connection connect(const SaslRequest& request) {
  sasl_conn_t* raw = nullptr;
  const char* realm = request.realm.empty() ? nullptr : request.realm.c_str();
  if (sasl_server_new("smtp", request.host.c_str(), realm, nullptr, nullptr, callbacks(), 0, &raw) != SASL_OK) return nullptr;
  Connection c(raw);
  sasl_security_properties_t properties{};
  properties.max_ssf = 0;  // no security layer: TLS protects
  properties.maxbufsize = 0;
  properties.security_flags = security_flags(request.options);
  if (sasl_setprop(raw, SASL_SEC_PROPS, &properties) != SASL_OK) return nullptr;
  return c;
}

class CyrusExchange : public SaslExchange {
 public:
  explicit CyrusExchange(Connection c) : connection_(std::move(c)) {}

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
  std::string user() const override {
    const void* name = nullptr;
    if (sasl_getprop(connection_.get(), SASL_USERNAME, &name) != SASL_OK || name == nullptr) return "";
    return static_cast<const char*>(name);
  }

 private:
  static SaslStep step_of(int rc, const char* out, unsigned size) {
    SaslStep s;
    if (out != nullptr) s.challenge.assign(out, size);
    switch (rc) {
      case SASL_OK: s.kind = SaslStep::Kind::kDone; break;
      case SASL_CONTINUE: s.kind = SaslStep::Kind::kChallenge; break;
      case SASL_NOMECH: s.kind = SaslStep::Kind::kNoMechanism; break;
      case SASL_TRYAGAIN:
      case SASL_UNAVAIL:
      case SASL_NOMEM: s.kind = SaslStep::Kind::kTempFail; break;
      default: s.kind = SaslStep::Kind::kFailed; break;
    }
    return s;
  }
  Connection connection_;
};

class CyrusSasl : public Sasl {
 public:
  CyrusSasl() {
    sasl_set_mutex(new_mutex, lock_mutex, unlock_mutex, free_mutex);
    ready_ = sasl_server_init(callbacks(), "Sendmail") == SASL_OK;
  }
  std::string offered(const SaslRequest& request) override {
    std::lock_guard hold(mutex_);
    std::string key = request.host + '\n' + request.mechanisms + '\n' + request.options;
    if (key != offered_for_) {
      offered_ = ask(request);
      offered_for_ = key;
    }
    return offered_;
  }
  std::unique_ptr<SaslExchange> begin(const SaslRequest& request) override {
    Connection c = ready_ ? connect(request) : nullptr;
    if (!c) return nullptr;
    return std::make_unique<CyrusExchange>(std::move(c));
  }

 private:
  std::string ask(const SaslRequest& request) const {
    Connection c = ready_ ? connect(request) : nullptr;
    const char* list = nullptr;
    if (!c || sasl_listmech(c.get(), nullptr, "", " ", "", &list, nullptr, nullptr) != SASL_OK || list == nullptr) return "";
    std::string out;
    for (std::string_view wanted : split_words(request.mechanisms)) {
      for (std::string_view has : split_words(list))
        if (iequals(wanted, has)) out += (out.empty() ? "" : " ") + std::string(has);
    }
    return out;
  }
  bool ready_ = false;
  std::mutex mutex_;
  std::string offered_, offered_for_;   // the last question: all sessions of a configuration ask the same
};

}  // namespace

Sasl& cyrus_sasl() {
  static CyrusSasl one;
  return one;
}

}  // namespace hky::auth
