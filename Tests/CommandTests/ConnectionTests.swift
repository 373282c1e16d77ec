import Testing
import WeirClient

@testable import WeirCommand

/// Where the server is, and what to say when it is not there.
struct ConnectionTests {
    private struct NoFile: Error {}

    private func connection(
        url: String? = nil, tokenFile: String? = nil, _ environment: [String: String]
    ) throws -> Connection {
        try Connection(
            url: url, tokenFile: tokenFile, certificates: nil, environment: environment
        ) { path in
            guard path == "token" else { throw NoFile() }
            return "from-file\n"
        }
    }

    @Test func optionsWinOverTheEnvironment() throws {
        let environment = ["WEIR_URL": "https://w.example", "WEIR_ADMIN_TOKEN": "secret"]
        #expect(try connection(environment).url == "https://w.example")
        #expect(try connection(environment).token == "secret")
        #expect(try connection(url: "http://h:1", environment).url == "http://h:1")
        #expect(try connection(tokenFile: "token", environment).token == "from-file")
        #expect(
            try connection(["WEIR_ADMIN_TOKEN": "s", "WEIR_URL": ""]).url == Connection.defaultURL)
    }

    @Test(arguments: [
        (nil, [:], "WEIR_ADMIN_TOKEN is not set"),
        ("other", [:], "--token-file: cannot read other"),
        (nil, ["WEIR_URL": "x", "WEIR_ADMIN_TOKEN": "s"], "WEIR_URL must be like"),
        (nil, ["WEIR_ADMIN_TOKEN": "a\r\nX: y"], "characters that no token has"),
    ])
    func whatIsWrongIsSaid(
        tokenFile: String?, environment: [String: String], message: String
    ) throws {
        let failure = #expect(throws: CommandFailure.self) {
            try connection(tokenFile: tokenFile, environment)
        }
        #expect(failure?.description.contains(message) == true)
    }

    @Test(arguments: [
        (401, #"{"detail":"no"}"#, "set WEIR_ADMIN_TOKEN to the token of the first start"),
        (403, #"{"detail":"no"}"#, "This needs the admin token"),
        (404, #"{"detail":"tenant \"x\" does not exist"}"#, #"tenant "x" does not exist"#),
        (404, "<html>", "older than this command"),
        (404, #"{"detail":"there is no such route"}"#, "--admin-port"),
        (500, #"{"detail":"oops"}"#, "nothing was changed unless it says so"),
        (502, "<html>", "Whether the server acted is not known"),
        (409, #"{"detail":"a\u001b[2J"}"#, #"a\u{1b}[2J"#),
    ])
    func refusalsSayWhatToDoNext(status: Int, body: String, message: String) {
        let answer = APIAnswer(status: status, body: Array(body.utf8))
        #expect(FailureAdvice.failure(of: answer).description.contains(message))
    }

    @Test(arguments: [
        ("connect: Connection refused (errno: 111)", "Is `weir serve` running there?"),
        ("HTTPClientError.connectTimeout", "Is `weir serve` running there?"),
        ("HTTPClientError.deadlineExceeded", "whether the server acted is not known"),
        ("handshakeFailed(CERTIFICATE_VERIFY_FAILED)", "--ca-file"),
        ("HTTPClientError.remoteConnectionClosed", "Whether the server acted is not known"),
        ("HTTPClientError.remoteConnectionClosed", "begins with https://"),
        ("handshakeFailed(NIOSSL.Error: [Error: 1 WRONG_VERSION_NUMBER at /x.cc:1])", "no TLS"),
        ("handshakeFailed(NIOSSL.Error: [Error: 1 BAD_ALERT at /x.cc:1])", "bad alert"),
    ])
    func lostAnswersSayWhatIsKnown(cause: String, message: String) {
        let failure = FailureAdvice.failure(lost: cause, url: "http://h:1")
        #expect(failure.description.contains(message))
        #expect(failure.description.contains("http://h:1"))
        for inside in ["HTTPClientError", "handshakeFailed", ".cc"] {
            #expect(!failure.description.contains(inside))
        }
    }

    @Test func questions() {
        #expect(Confirmation.step(isConfirmed: true, isTerminal: false) == .proceed)
        #expect(Confirmation.step(isConfirmed: false, isTerminal: true) == .ask)
        #expect(Confirmation.step(isConfirmed: false, isTerminal: false) == .refuse)
        for yes in ["y", "yes", " Y ", "YES"] { #expect(Confirmation.isYes(yes)) }
        for no in ["", "n", "yess", nil] { #expect(!Confirmation.isYes(no)) }
    }
}
