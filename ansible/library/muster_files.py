#!/usr/bin/python3
"""Folders and files of one service, put in place by a single module run.

Ansible's own modules need one run over SSH for each file, which is most of the time of a play.
"""

import grp
import os
import pwd
import tempfile

from ansible.module_utils.basic import AnsibleModule

DOCUMENTATION = r"""
module: muster_files
short_description: Ensures folders and files with content, owner and mode
options:
  folders:
    description: Folders to ensure, parents first. Each has path, mode, owner and group.
  files:
    description:
      - Files to ensure. Each has path, content, mode, owner and group.
      - One with C(unless) is written only while that path does not exist.
      - A file is replaced as a whole (temporary file, fsync, rename).
"""

OWNED = {
    "path": {"type": "path", "required": True},
    "mode": {"type": "str", "required": True},
    "owner": {"type": "str", "default": "root"},
    "group": {"type": "str", "default": "root"},
}


def own(path, item):
    """Gives owner and mode; True where that changed something."""
    wanted = (pwd.getpwnam(item["owner"]).pw_uid, grp.getgrnam(item["group"]).gr_gid, int(item["mode"], 8))
    status = os.stat(path)
    if (status.st_uid, status.st_gid, status.st_mode & 0o7777) == wanted:
        return False
    os.chown(path, wanted[0], wanted[1])
    os.chmod(path, wanted[2])
    return True


def ensure_folder(item):
    made = not os.path.isdir(item["path"])
    if made:
        os.makedirs(item["path"], mode=0o700)
    return own(item["path"], item) or made


def content_of(path):
    try:
        with open(path, "rb") as handle:
            return handle.read()
    except FileNotFoundError:
        return None


def ensure_file(item):
    path, content = item["path"], item["content"].encode()
    if content_of(path) == content:
        return own(path, item)
    folder = os.path.dirname(path)
    handle, draft = tempfile.mkstemp(dir=folder, prefix=".muster-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        own(draft, item)
        os.rename(draft, path)
    except BaseException:
        os.unlink(draft)
        raise
    return True


def main():
    file = dict(OWNED, content={"type": "str", "required": True, "no_log": True}, unless={"type": "path"})
    module = AnsibleModule(
        argument_spec={
            "folders": {"type": "list", "elements": "dict", "default": [], "options": OWNED},
            "files": {"type": "list", "elements": "dict", "default": [], "options": file},
        },
        supports_check_mode=False,
    )
    wanted = [item for item in module.params["files"] if not (item["unless"] and os.path.exists(item["unless"]))]
    try:
        changed = [item["path"] for item in module.params["folders"] if ensure_folder(item)]
        changed += [item["path"] for item in wanted if ensure_file(item)]
    except (OSError, KeyError) as error:
        module.fail_json(msg=f"{error}. Free the path or its disk, then run again.")
    module.exit_json(changed=bool(changed), paths=changed)


if __name__ == "__main__":
    main()
