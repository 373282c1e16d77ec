import ArgumentParser

/// `weir import`.
struct ImportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Bring tenants, keys and use in from files.",
        discussion: """
            Files are read as a stream, however long; - reads standard input. What is there \
            already is skipped, so that an import can be run again after an interruption. Failed \
            rows are shown with their line, and make the exit code 1; the others are imported. \
            Only where nobody knows where the next row begins, as behind a quote of CSV that is \
            never closed, the import ends: what stands before is imported then, and it is safe \
            to import the file again once it is mended.

            Example:
              weir import tenants tenants.csv
            """,
        subcommands: [Tenants.self, Keys.self, QuotaHash.self, Daily.self, Snapshot.self])

    /// Whether a file's name says that it has JSON on each line.
    static func isJSONLines(_ path: String) -> Bool {
        [".jsonl", ".ndjson", ".json"].contains { path.lowercased().hasSuffix($0) }
    }
}

extension ConflictRule: ExpressibleByArgument {}

/// What to do with what is there already.
struct ConflictOptions: ParsableArguments {
    @Option(help: "skip or update what is there already.")
    var onConflict: ConflictRule = .skip
}

/// Under which meter and source use is booked.
struct UsageOptions: ParsableArguments {
    @Option(help: "The meter that is booked.")
    var meter = "api_calls"

    @Option(
        help: ArgumentHelp(
            "Booked once by tenant, key, meter, date and this name, however often imported; a row"
                + " with another count than what is booked fails."))
    var source = "import"
}

extension ImportCommand {
    /// `weir import tenants`.
    struct Tenants: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Import tenants from CSV or JSON lines.",
            discussion: """
                CSV (RFC 4180) has a header with id and any of name, plan, organization, \
                time_zone, billing_anchor, billing_interval, status and currency; empty is the \
                default. JSON lines have the same members: a file that is named .jsonl, or begins \
                with a brace.

                Example:
                  weir import tenants tenants.csv --on-conflict update --errors-out failed.csv
                """)

        @Argument(help: "The file; - reads standard input.", completion: .file())
        var file: String

        @OptionGroup var conflict: ConflictOptions

        @OptionGroup var options: ImportOptions

        func run() async throws {
            try await options.run(
                TableSource(.tenants, isJSONLines: isJSONLines(file)), path: file,
                onConflict: conflict.onConflict)
        }
    }

    /// `weir import keys`.
    struct Keys: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Import API keys from CSV or JSON lines.",
            discussion: """
                CSV has a header with id and tenant and any of name, status, test, limits \
                (api_calls/day=100;ai_tokens/month=5000), created_at, expires_at, and the \
                credential in public_id, digest and pepper_version. JSON lines (.jsonl) have the \
                members of the API, the credential as an object. A key without a credential gets \
                a new secret, which is appended to the file of --secrets-out (mode 0600) as it \
                arrives: {"id":…,"key":…} on a line each. Without --secrets-out such rows fail, \
                also those whose key is there already.

                Example:
                  weir import keys keys.csv --secrets-out secrets.jsonl
                """)

        @Argument(help: "The file; - reads standard input.", completion: .file())
        var file: String

        @Option(
            help: ArgumentHelp("Where new secrets are written.", valueName: "file"),
            completion: .file())
        var secretsOut: String?

        @OptionGroup var conflict: ConflictOptions

        @OptionGroup var options: ImportOptions

        func run() async throws {
            let source = TableSource(
                .keys, allowsSecrets: secretsOut != nil, isJSONLines: isJSONLines(file))
            try await options.run(
                source, path: file, onConflict: conflict.onConflict, secretsPath: secretsOut)
        }
    }

    /// `weir import quota-hash`.
    struct QuotaHash: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "quota-hash",
            abstract: "Import a dump of quota:hash:DATE:SHARD hashes of Redis.",
            discussion: """
                The form is found out: a line for each field with key, field and value between \
                white space or as CSV; or a line with the key and below it what redis-cli \
                HGETALL prints, on a terminal, in a pipe or with --csv. Values that are no \
                number, such as EXCEEDED, are passed over and counted. A tenant may stand in \
                several shards of a date: each is booked, under a source of its own such as \
                import:0042.

                  for key in $(redis-cli --scan --pattern 'quota:hash:2026-04-09*')
                  do echo "$key"; redis-cli HGETALL "$key"; done > day.txt

                Example:
                  weir import quota-hash day.txt
                """)

        @Argument(help: "The file; - reads standard input.", completion: .file())
        var file: String

        @Option(help: "What stands before the date in the keys.")
        var prefix = "quota:hash:"

        @OptionGroup var usage: UsageOptions

        @OptionGroup var options: ImportOptions

        func run() async throws {
            try await options.run(
                QuotaHashSource(prefix: prefix, meter: usage.meter, source: usage.source),
                path: file)
        }
    }

    /// `weir import daily`.
    struct Daily: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Import a table of requests by API key and date.",
            discussion: """
                CSV with a header: api_key_id, date and request_count, and if wanted \
                last_request_at and tenant, which may be left out for keys that Weir knows. Times \
                without a zone are UTC; counts of 0 are passed over.

                Example:
                  weir import daily api_key_usage.csv
                """)

        @Argument(help: "The file; - reads standard input.", completion: .file())
        var file: String

        @OptionGroup var usage: UsageOptions

        @OptionGroup var options: ImportOptions

        func run() async throws {
            try await options.run(
                CSVSource(.daily(meter: usage.meter, source: usage.source)), path: file)
        }
    }

    /// `weir import snapshot`.
    struct Snapshot: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Import what weir export wrote.",
            discussion: """
                Keys keep working where the server has the same pepper, and so do secrets that \
                were replaced a short while ago. What is there already is skipped; a meter, plan, \
                organization or override that differs from the file's fails, unless --on-conflict \
                update takes the file's. What tenants hold of allocations is set where \
                they hold none, whatever the limits (--on-conflict update replaces it). A top-up \
                whose id is there is skipped. Use is only imported with --usage, since a server \
                that has metered it itself would have it twice: once by tenant, key, model, meter \
                and date. A row that has another count than what was imported before fails, and \
                says both.

                Example:
                  weir import snapshot weir.jsonl --on-conflict update
                """)

        @Argument(help: "The file; - reads standard input.", completion: .file())
        var file: String

        @Flag(help: "Import use too.")
        var usage = false

        @OptionGroup var conflict: ConflictOptions

        @OptionGroup var options: ImportOptions

        func run() async throws {
            try await options.run(
                SnapshotSource(takesUsage: usage), path: file, onConflict: conflict.onConflict)
        }
    }
}
