// See confinement.h.
#include "cmd/confinement.h"

#include "cmd/paths.h"

namespace hky::cmd {
namespace {

std::string folder_of(std::string_view path) { return std::string(path.substr(0, path.rfind('/'))); }

}  // namespace

process::Confinement engine_may(const std::string& root, const StartFacts& facts) {
  process::Confinement may;
  may.read = process::system_files();
  if (!root.empty())
    for (const char* folder : {"/etc", "/usr"}) may.read.push_back(root + folder);
  may.read.insert(may.read.end(), facts.directories.begin(), facts.directories.end());
  may.write = facts.written;
  for (std::string_view folder : {kStoreDirectory, kDropDirectory, kRunDirectory}) may.write.push_back(root + std::string(folder));
  if (!root.empty()) may.write.push_back(folder_of(root + std::string(kMailLog)));
  return may;
}

process::Confinement auth_may(const std::string& root) {
  process::Confinement may;
  may.keep_capabilities = true;
  may.read = {"/"};
  may.write = {"/tmp", "/var/tmp"};
  if (!root.empty()) may.write.push_back(folder_of(root + std::string(kMailLog)));
  return may;
}

}  // namespace hky::cmd
