import ArgumentParser
import StrictJSON
import WeirClient

extension NotificationCommand {
    /// `weir notification follow`.
    struct Follow: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show notifications as they are written, a line each, until interrupted.",
            discussion: """
                It begins with what is new, or after the one whose number is given: 0 is before \
                all that there are. With --json each line is a JSON object.

                Example:
                  weir notification follow --type quota.exhausted
                  weir notification follow --after 0 --count 10 --json
                """)

        /// The largest number of a notification that can be asked for.
        private static let maximumNumber: Int64 = 2_147_483_647

        /// As many as were wanted are shown.
        private struct Enough: Error {}

        @OptionGroup var filter: Filter

        @Option(help: "The number of the last notification that is known.")
        var after: Int64?

        @Option(help: "End when so many have come.")
        var count: Int?

        @OptionGroup var show: ShowOptions

        func validate() throws {
            guard (0...Self.maximumNumber).contains(after ?? 0) else {
                throw ValidationError("--after must be from 0 to \(Self.maximumNumber).")
            }
            guard (1...10_000_000).contains(count ?? 1) else {
                throw ValidationError("--count must be from 1 to 10000000.")
            }
        }

        func call() -> Call {
            filter.choose(.admin(.get, "notifications", "stream"))
                .asking("after", after.map { "\($0)" })
        }

        func run() async throws {
            do {
                try await Interrupt.cancels {
                    try await show.connection.open { session in try await follow(session) }
                }
            } catch is Enough {
                return
            } catch is CancellationError {
                throw ExitCode(130)
            }
        }

        private func follow(_ session: Session) async throws {
            var events = ServerSentEvents()
            var (shown, last) = (0, after.map { "\($0)" })
            let download = try await session.client.download(
                call().target, type: "text/event-stream"
            ) { bytes in
                for event in try events.take(bytes) {
                    Terminal.show(line(event))
                    last = event.id
                    shown += 1
                    if shown == count { throw Enough() }
                }
                try Task.checkCancellation()
            }
            try Task.checkCancellation()
            switch download {
            case .answer(let answer): throw FailureAdvice.failure(of: answer)
            case .lost(let cause) where shown == 0:
                throw FailureAdvice.failure(lost: cause, url: session.client.url)
            case .complete, .lost:
                let rest = last.map { "; --after \(SafeText.line($0)) goes on from there" } ?? ""
                throw CommandFailure("the server ended the stream\(rest)")
            }
        }

        /// A notification as a line.
        func line(_ event: ServerSentEvents.Event) -> String {
            let body = try? JSONValue(parsing: event.data.utf8)
            guard show.json else {
                return NotificationText.line(number: event.id, body ?? .null)
            }
            var members = JSONObject()
            members["number"] = Int64(event.id).map { .number(JSONNumber($0)) } ?? .null
            for member in body?.objectValue?.members ?? [] { members[member.name] = member.value }
            return String(decoding: SafeJSON.line(.object(members)), as: UTF8.self)
        }
    }
}
