"""Users' files with every mode, owner and link: whether a .forward, an :include: file and a file that mail goes to are believed, with
and without the flags of DontBlameSendmail. A tree is a list of (what, path, ...): ('file', path, mode, uid, text), ('link', path, to),
('second', path, of), ('folder', path, mode, uid); lay() makes it in this root."""
import os, shutil

import world

HOME = '/home/eric'; ERIC = 2002
OWNERS = (ERIC, ERIC, ERIC, 2001, 0, 1, 4711)
PROGRAM = '"|/usr/libexec/mail.local argx"'
FLAGS = {'forward': ('ForwardFileInGroupWritableDirPath', 'ForwardFileInUnsafeDirPath', 'ForwardFileInUnsafeDirPathSafe', 'GroupWritableForwardFile',
                     'GroupWritableForwardFileSafe', 'WorldWritableForwardFile', 'LinkedForwardFileInWritableDir', 'DontWarnForwardFileInUnsafeDirPath'),
         'include': ('IncludeFileInGroupWritableDirPath', 'IncludeFileInUnsafeDirPath', 'IncludeFileInUnsafeDirPathSafe', 'GroupWritableIncludeFile',
                     'GroupWritableIncludeFileSafe', 'WorldWritableIncludeFile', 'LinkedIncludeFileInWritableDir', 'AssumeSafeChown'),
         'file': ('FileDeliveryToSymLink', 'FileDeliveryToHardLink'), 'any': ('GroupWritableDirPathSafe', 'TrustStickyBit', 'NonRootSafeAddr')}


def one_file(r, path, text):
    mode = r.choice((0o644, 0o644, 0o644, 0o600, 0o640, 0o664, 0o646, 0o666, 0o444)); uid = r.choice(OWNERS); how = r.randrange(8)
    if uid == 1: mode |= 0o004   # whether the default user's own file is readable below root's list (sendmail: no) is nobody's question
    if how < 6: return [('file', path, mode, uid, text)]
    other = path + '-other'
    return [('file', other, mode, uid, text), ('link', path, other) if how == 6 else ('second', path, other)]


def case(r):
    box = HOME + '/box'; way = r.choice(('forward', 'forward', 'list', 'list', 'both'))
    at_end = r.choice((PROGRAM, PROGRAM, 'joe', box, '\\eric, ' + PROGRAM)); flags = list(FLAGS['any'])
    tree = [('folder', HOME, r.choice((0o755, 0o755, 0o755, 0o700, 0o775, 0o777, 0o1777, 0o2755)), r.choice((ERIC, ERIC, ERIC, 2001)))]
    if way != 'list': tree += one_file(r, HOME + '/.forward', at_end if way == 'forward' else ':include:%s/list' % HOME); flags += FLAGS['forward']
    if way == 'list': tree += [('file', '/etc/mail/incl.list', 0o644, 0, ':include:%s/list' % HOME)]
    if way != 'forward': tree += one_file(r, HOME + '/list', at_end); flags += FLAGS['include']
    if box in at_end and r.random() < 0.6: tree += one_file(r, box, '') ; flags += FLAGS['file']
    some = r.sample(flags, r.choice((0, 0, 1, 1, 2, 3)))
    args = ['-ODontBlameSendmail=' + ','.join(some)] if some else []
    return {'tree': tree, 'steps': [{'argv0': 'sendmail', 'args': args + ['-v', 'incl' if way == 'list' else 'eric'], 'stdin': 'Subject: x\n\nbody\n', 'user': 'root'}]}


def lay(tree):
    for what, path, *how in tree:
        real = world.path(path)
        if os.path.lexists(real) and what != 'folder': os.unlink(real)
        if what == 'link': os.symlink(how[0], real)
        elif what == 'second': os.link(world.path(how[0]), real)
        else:
            if what == 'file': open(real, 'w').write(how[2] + '\n' if how[2] else '')
            os.chown(real, how[1], 100); os.chmod(real, how[0])


def clear():
    """An empty home again; /etc/mail is laid out anew by the caller."""
    shutil.rmtree(world.path(HOME)); os.mkdir(world.path(HOME)); os.chown(world.path(HOME), ERIC, 100)
