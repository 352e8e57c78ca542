# cmake --install: where sites expect things, below the prefix.
#   sbin/         hikyaku, mailwrapper, and the administrator's names as links (sendmail, makemap ...)
#   bin/          what users type (mailq, newaliases ...)
#   libexec/      mail.local; hikyaku/hikyaku-service, which every start script calls
#   share/        hikyaku/cf (macro library), hikyaku/etc-mail (an /etc/mail to begin with), man, doc/hikyaku
#   lib/systemd/system, etc/rc.d (FreeBSD), share/hikyaku/init.d (Debian without systemd)
# /etc/mail itself is the operator's: nothing is written there (`cp -n` from share/hikyaku/etc-mail, or a package).
include_guard()

# A name is laid as a link only when the binary answers to it.
file(STRINGS ${CMAKE_SOURCE_DIR}/src/cmd/verbs.def personalities REGEX "^HKY_VERB.*kPersonality")
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/cmd/verbs.def)

function(hky_link folder target)
  foreach(name ${ARGN})
    if(personalities MATCHES "HKY_VERB\\(\"${name}\",")
      install(CODE "file(MAKE_DIRECTORY \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${folder}\")
        file(CREATE_LINK ${target} \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${folder}/${name}\" SYMBOLIC)")
    endif()
  endforeach()
endfunction()
hky_link(sbin hikyaku sendmail send-mail makemap editmap mailstats praliases hoststat purgestat)
hky_link(bin ../sbin/hikyaku mailq newaliases rmail)
hky_link(libexec ../sbin/hikyaku mail.local)
install(TARGETS hikyaku mailwrapper RUNTIME DESTINATION sbin)

# Files in which @SBIN@ and @LIBEXEC@ stand for the folders of this installation.
function(hky_install_made file folder mode)
  get_filename_component(name ${file} NAME)
  install(CODE "set(SBIN \"\${CMAKE_INSTALL_PREFIX}/sbin\")
    set(LIBEXEC \"\${CMAKE_INSTALL_PREFIX}/libexec/hikyaku\")
    configure_file(\"${CMAKE_SOURCE_DIR}/${file}\" \"${CMAKE_BINARY_DIR}/install/${name}\" @ONLY)
    file(INSTALL \"${CMAKE_BINARY_DIR}/install/${name}\" DESTINATION \"\${CMAKE_INSTALL_PREFIX}/${folder}\" ${mode})")
endfunction()
set(runs PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
string(REPLACE ";" " " runs "${runs}")
hky_install_made(share/init/hikyaku-service libexec/hikyaku "${runs}")
if(CMAKE_SYSTEM_NAME STREQUAL Linux)
  foreach(unit hikyaku.service hikyaku-smtp.socket hikyaku-smtp@.service)
    hky_install_made(share/init/systemd/${unit} lib/systemd/system "")
  endforeach()
  hky_install_made(share/init/init.d/hikyaku share/hikyaku/init.d "${runs}")
else()
  hky_install_made(share/init/rc.d/hikyaku etc/rc.d "${runs}")
endif()

install(DIRECTORY share/cf DESTINATION share/hikyaku)
install(DIRECTORY share/etc-mail DESTINATION share/hikyaku PATTERN mailer.conf EXCLUDE)
hky_install_made(share/etc-mail/mailer.conf share/hikyaku/etc-mail "")
install(DIRECTORY share/man/ DESTINATION share/man)
install(FILES LICENSE README.md DESTINATION share/doc/hikyaku)
install(FILES doc/differences.md doc/macro-library.md doc/security.md DESTINATION share/doc/hikyaku)
