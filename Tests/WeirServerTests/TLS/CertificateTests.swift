import EmbeddedNode
import Foundation
import Testing

@testable import WeirServer

@Suite("certificate files")
struct CertificateTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    private func file(_ name: String, _ text: String) throws -> String {
        let path = folder.path + "/" + name
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        return path
    }

    @Test("a change is taken up once, when it has settled")
    func watch() {
        let first = [FileStamp(size: 1), FileStamp(size: 2)]
        let half = [FileStamp(size: 3), FileStamp(size: 2)]
        let second = [FileStamp(size: 3), FileStamp(size: 4)]
        var watch = CertificateWatch(first)
        #expect(watch.look(first) == false)
        #expect(watch.look(half) == false)
        #expect(watch.look(second) == false, "it was changing a moment ago")
        #expect(watch.look(second) == true)
        #expect(watch.look(second) == false, "it is known, usable or not")
        #expect(watch.look(first) == false)
        #expect(watch.look(first) == true, "back again is a change too")
    }

    @Test("a change that is taken back is none")
    func flicker() {
        let stamps = [FileStamp(size: 1), FileStamp(size: 2)]
        var watch = CertificateWatch(stamps)
        #expect(watch.look([FileStamp(), FileStamp(size: 2)]) == false)
        #expect(watch.look(stamps) == false)
        #expect(watch.look(stamps) == false)
    }

    @Test("a stamp follows links, and changes with what they lead to")
    func stamps() throws {
        let first = try file("first", "1")
        let second = try file("second", "22")
        let link = folder.path + "/link"
        let manager = FileManager.default
        try manager.createSymbolicLink(atPath: link, withDestinationPath: first)
        let before = FileStamp(path: link)
        #expect(before == FileStamp(path: first))
        #expect(before.size == 1)
        try manager.removeItem(atPath: link)
        #expect(FileStamp(path: link) == FileStamp())
        try manager.createSymbolicLink(atPath: link, withDestinationPath: second)
        #expect(FileStamp(path: link) != before)
    }

    @Test("a file that is missing or holds something else is named, with its setting")
    func unusable() throws {
        let text = try file("text", "no certificate\n")
        let missing = folder.path + "/missing"
        for (path, expected) in [(missing, "can't be read"), (text, "must hold a certificate")] {
            let error = #expect(throws: StartFailure.self) {
                try CertificateFiles(certificate: path, key: text).load()
            }
            let message = error?.description ?? ""
            #expect(message.contains(path) && message.contains("WEIR_TLS_CERT"), "\(message)")
            #expect(message.contains(expected) && !message.contains("\n"), "\(message)")
        }
    }
}
