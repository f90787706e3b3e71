"""The tables of a workspace's database, as the list of steps that lead to them.

`user_version` of a database is the number of steps it has taken. A step never changes once released; a
change of the tables is a new step at the end. Texts that hold JSON are ASCII. Nothing here needs
an SQLite later than 3.34, which systems with Python 3.11 still carry.
"""

from __future__ import annotations

STEPS: tuple[tuple[str, ...], ...] = (
    (
        """
        CREATE TABLE runs (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            experiment TEXT NOT NULL,
            state TEXT NOT NULL,
            started REAL NOT NULL,
            ended REAL,
            pinned INTEGER NOT NULL DEFAULT 0,
            cancel_requested INTEGER NOT NULL DEFAULT 0,
            snapshot TEXT NOT NULL
        )
        """,
        "CREATE INDEX runs_by_experiment ON runs (experiment, number)",
        "CREATE INDEX runs_running ON runs (number) WHERE state = 'running'",
        # `kept` is 0 once outputs were released to retention: the row is history, not for reuse.
        """
        CREATE TABLE node_runs (
            run INTEGER NOT NULL REFERENCES runs (number) ON DELETE CASCADE,
            node TEXT NOT NULL,
            position INTEGER NOT NULL,
            state TEXT NOT NULL,
            reason TEXT NOT NULL,
            fingerprint TEXT,
            reused_run INTEGER,
            started REAL,
            ended REAL,
            kept INTEGER NOT NULL DEFAULT 1,
            parts TEXT NOT NULL,
            outputs TEXT NOT NULL,
            shapes TEXT NOT NULL,
            receipts TEXT NOT NULL,
            error TEXT,
            warnings TEXT NOT NULL,
            usage TEXT NOT NULL,
            PRIMARY KEY (run, node)
        )
        """,
        """
        CREATE INDEX node_runs_reusable ON node_runs (fingerprint, run)
            WHERE kept = 1 AND state IN ('finished', 'reused')
        """,
        "CREATE INDEX node_runs_by_node ON node_runs (node, run) WHERE fingerprint IS NOT NULL",
        # A removed version keeps its row, so that its number never comes to mean something else.
        """
        CREATE TABLE datasets (
            name TEXT NOT NULL,
            version INTEGER NOT NULL,
            kind TEXT NOT NULL,
            digest TEXT NOT NULL,
            size INTEGER NOT NULL,
            rows INTEGER,
            columns INTEGER,
            origin TEXT NOT NULL,
            created REAL NOT NULL,
            receipt TEXT NOT NULL,
            removed INTEGER NOT NULL DEFAULT 0,
            PRIMARY KEY (name, version)
        ) WITHOUT ROWID
        """,
        # What follows may be deleted at any time at the cost of computing it again.
        """
        CREATE TABLE file_digests (
            path BLOB PRIMARY KEY,
            size INTEGER NOT NULL,
            mtime_ns INTEGER NOT NULL,
            inode INTEGER NOT NULL,
            digest TEXT NOT NULL
        ) WITHOUT ROWID
        """,
        "CREATE TABLE declarations (file_digest TEXT PRIMARY KEY, document TEXT NOT NULL)",
        "CREATE TABLE script_checks (check_key TEXT PRIMARY KEY, document TEXT NOT NULL)",
        """
        CREATE TABLE frame_facts (
            digest TEXT PRIMARY KEY,
            rows INTEGER NOT NULL,
            columns INTEGER NOT NULL
        ) WITHOUT ROWID
        """,
    ),
    (
        "ALTER TABLE node_runs ADD COLUMN metrics TEXT NOT NULL DEFAULT '{}'",
        "ALTER TABLE node_runs ADD COLUMN tags TEXT NOT NULL DEFAULT '{}'",
        "ALTER TABLE node_runs ADD COLUMN asked TEXT NOT NULL DEFAULT '[]'",
    ),
    (
        # Keyword parameters of a node's script with their defaults, as the run found them.
        "ALTER TABLE node_runs ADD COLUMN keywords TEXT NOT NULL DEFAULT '{}'",
        "CREATE TABLE workspace_facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
        # `document` holds what is configured; retired services keep their rows as history.
        """
        CREATE TABLE services (
            name TEXT PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            live INTEGER NOT NULL,
            created REAL NOT NULL,
            retired REAL,
            document TEXT NOT NULL
        ) WITHOUT ROWID
        """,
        # A version never changes: nothing updates these rows.
        """
        CREATE TABLE service_versions (
            service TEXT NOT NULL REFERENCES services (name),
            number INTEGER NOT NULL,
            created REAL NOT NULL,
            document TEXT NOT NULL,
            PRIMARY KEY (service, number)
        )
        """,
        # Only the hash of a key is kept, and its last characters for people.
        """
        CREATE TABLE service_keys (
            service TEXT NOT NULL REFERENCES services (name),
            slot TEXT NOT NULL,
            hash TEXT NOT NULL,
            tail TEXT NOT NULL,
            created REAL NOT NULL,
            PRIMARY KEY (service, slot)
        ) WITHOUT ROWID
        """,
        """
        CREATE TABLE service_requests (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            service TEXT NOT NULL,
            time REAL NOT NULL,
            version INTEGER,
            form TEXT NOT NULL,
            status INTEGER NOT NULL,
            milliseconds REAL NOT NULL,
            rows INTEGER,
            slot TEXT,
            error TEXT,
            request_id TEXT NOT NULL,
            data TEXT
        )
        """,
        "CREATE INDEX service_requests_by_service ON service_requests (service, number)",
    ),
    (
        # `wish` is what a client asked for, with secrets, until the job has ended; `{}` afterwards.
        """
        CREATE TABLE batch_jobs (
            id TEXT PRIMARY KEY,
            service TEXT NOT NULL,
            version INTEGER NOT NULL,
            state TEXT NOT NULL,
            wish TEXT NOT NULL,
            created REAL NOT NULL,
            started REAL,
            ended REAL,
            step TEXT NOT NULL DEFAULT '',
            done INTEGER NOT NULL DEFAULT 0,
            total INTEGER NOT NULL DEFAULT 0,
            error TEXT NOT NULL DEFAULT '',
            results TEXT NOT NULL DEFAULT '{}',
            log BLOB NOT NULL DEFAULT x'',
            cancel_requested INTEGER NOT NULL DEFAULT 0,
            attempts INTEGER NOT NULL DEFAULT 0
        )
        """,
        "CREATE INDEX batch_jobs_by_service ON batch_jobs (service, created)",
        "CREATE INDEX batch_jobs_at_work ON batch_jobs (state, created) WHERE state IN ('Queued', 'Running')",
    ),
)
