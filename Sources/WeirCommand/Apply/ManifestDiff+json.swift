import StrictJSON

extension ManifestDiff {
    /// The difference for a program, on one line.
    var json: [UInt8] {
        var writer = JSONWriter(capacity: 1_024)
        writer.object { writer in
            writer.array("steps") { writer in
                for step in steps { Self.write(step, to: &writer) }
            }
            writer.member("unchanged", unchanged)
            writer.member("expired", expired.map(\.title))
            writer.member("warnings", warnings)
        }
        return writer.bytes + [UInt8(ascii: "\n")]
    }

    private static func write(_ step: Step, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("action", step.changes == nil ? "create" : "change")
            writer.member("object", step.entry.title)
            writer.member("kind", step.entry.kind.rawValue)
            writer.member("id", step.entry.name)
            writer.member("path", step.entry.path)
            if let start = step.entry.startsAt { writer.member("starts_at", start) }
            writer.member("line", step.entry.line)
            writer.array("changes") { writer in
                for change in step.changes ?? members(of: step.entry) {
                    writer.object { writer in
                        writer.member("name", change.name)
                        writer.member("old", change.old)
                        writer.member("new", change.new)
                    }
                }
            }
        }
    }
}
