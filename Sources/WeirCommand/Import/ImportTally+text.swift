import StrictJSON
import WeirClient

extension ImportTally {
    /// The summary for a person: a table, and what was passed over.
    var text: String {
        var table = TextTable([("rows", .left), ("count", .right)])
        table.add(["created", "\(created)"])
        table.add(["updated", "\(updated)"])
        table.add(["skipped, there already", "\(skipped)"])
        table.add(["failed", "\(failed)"])
        var text = table.text
        for reason in PassReason.allCases {
            guard let count = passed[reason] else { continue }
            text += "passed over \(count) \(reason.rawValue)\n"
        }
        return text
    }

    /// Warnings and failures for a person, one on a line; nil when there is none.
    var failureText: String? {
        guard failed > 0 || !warnings.isEmpty else { return nil }
        var lines = warnings.map { "warning: \(SafeText.line($0))" }
        lines += failures.map { "line \($0.line): \(SafeText.line($0.detail))" }
        if failed > failures.count { lines.append("… and \(failed - failures.count) more") }
        return lines.joined(separator: "\n")
    }

    /// The summary for a program, on one line.
    var json: [UInt8] {
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("created", created)
            writer.member("updated", updated)
            writer.member("skipped", skipped)
            writer.member("failed", failed)
            writer.object("passed") { writer in
                for reason in PassReason.allCases {
                    guard let count = passed[reason] else { continue }
                    writer.member(named: "\(reason)", count)
                }
            }
            writer.member("warnings", warnings)
            writer.array("failures") { writer in
                for failure in failures {
                    writer.object { writer in
                        writer.member("line", failure.line)
                        writer.member("detail", failure.detail)
                    }
                }
            }
        }
        return writer.bytes + [UInt8(ascii: "\n")]
    }
}
