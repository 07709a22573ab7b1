#!/bin/sh
# /usr/local/bin/minerwatch: the program as the service sees it, for its operator.
#   sudo minerwatch doctor
#   sudo minerwatch backup backup.db
#   sudo systemctl stop minerwatch && sudo minerwatch restore backup.db && sudo systemctl start minerwatch
set -eu
if [ -e /etc/minerwatch/env ]; then
    set -a
    . /etc/minerwatch/env
    set +a
fi
export TELEGRAM_BOT_TOKEN_FILE=/etc/minerwatch/token DATABASE_PATH=/var/lib/minerwatch/minerwatch.db
exec /opt/minerwatch/bin/minerwatch "$@"
