#!/bin/bash
. "$(dirname "$0")/common.sh"
PKGS=; MBOX=$ROOT/var/mail/user; MBOXFMT=mbox; SENDMAIL=/usr/sbin/sendmail
HIKYAKU=${HIKYAKU:-$HERE/../build/bin/hikyaku}

# The binary and the libraries it needs, into the root.
refresh() {
  install -D -m 755 "$HIKYAKU" "$ROOT/usr/libexec/hikyaku"
  for name in sendmail newaliases mailq hikyaku makemap; do ln -sf /usr/libexec/hikyaku "$ROOT/usr/sbin/$name"; done
  ldd "$HIKYAKU" | awk '$2 == "=>" && $3 ~ /^\// {print $3}' | while read -r lib; do
    [ -e "$ROOT$lib" ] && cmp -s "$lib" "$ROOT$lib" || install -D -m 755 "$lib" "$ROOT$lib"
  done
  chroot "$ROOT" ldconfig
}

# sendmail.cf by sendmail's own macros: a smart host on the sink's port, mailboxes by the built-in delivery.
setup() {
  m=$ROOT/etc/mail; mkdir -p "$m" "$ROOT/var/spool/mqueue" "$ROOT/var/run"
  chroot "$ROOT" id hikyaku >/dev/null 2>&1 || chroot "$ROOT" useradd -r -d /var/lib/hikyaku -s /usr/sbin/nologin hikyaku
  if [ ! -d "$BENCH/cf/usr/share/sendmail/cf" ]; then
    (cd "$BENCH/debs" && { ls sendmail-cf_*.deb >/dev/null 2>&1 || apt-get download sendmail-cf >/dev/null; } && dpkg-deb -x sendmail-cf_*.deb "$BENCH/cf") || return 1
  fi
  cat > "$m/sendmail.mc" <<'MC'
divert(0)dnl
VERSIONID(`benchmark')
OSTYPE(`linux')dnl
define(`confDOMAIN_NAME', `mta.test')dnl
define(`confTO_IDENT', `0')dnl
define(`confSERVICE_SWITCH_FILE', `/etc/mail/service.switch')dnl
define(`confDONT_PROBE_INTERFACES', `True')dnl
define(`confPID_FILE', `/var/run/sendmail.pid')dnl
define(`ALIAS_FILE', `/etc/mail/aliases')dnl
define(`SMART_HOST', `relay:[127.0.0.1]')dnl
define(`RELAY_MAILER_ARGS', `TCP $h 2600')dnl
define(`LOCAL_MAILER_PATH', `[mbox]')dnl
define(`LOCAL_MAILER_ARGS', `mbox /var/mail/$u')dnl
FEATURE(`no_default_msa')dnl
FEATURE(`nocanonify')dnl
FEATURE(`accept_unresolvable_domains')dnl
FEATURE(`use_cw_file')dnl
DAEMON_OPTIONS(`Name=MTA, Addr=127.0.0.1, Port=25')dnl
MAILER(`local')dnl
MAILER(`smtp')dnl
MC
  printf 'localhost\nmta.test\n' > "$m/local-host-names"
  printf 'hosts files\naliases files\n' > "$m/service.switch"
  printf 'postmaster: root\n' > "$m/aliases"
  (cd "$BENCH/cf/usr/share/sendmail/cf" && m4 -D_CF_DIR_="$PWD/" m4/cf.m4 "$m/sendmail.mc") > "$m/sendmail.cf" || return 1
  refresh && chroot "$ROOT" /usr/sbin/newaliases
}
pidfile() { echo "$ROOT/var/run/sendmail.pid"; }
start() { start_syslog; chroot "$ROOT" /usr/sbin/sendmail -bd -q10m; }
stop()  { end_pids $(head -1 "$(pidfile)"); }
flush() { chroot "$ROOT" /usr/sbin/sendmail -q; }
qlen()  { chroot "$ROOT" /usr/sbin/mailq 2>/dev/null | grep -cE '^[0-9A-Za-z]{14}' || true; }
case "${1:-}" in refresh) refresh ;; *) main "$@" ;; esac
