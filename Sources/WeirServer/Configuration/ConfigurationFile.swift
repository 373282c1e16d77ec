import Foundation
import Yams

/// What `weir.yaml` says, whose keys are all known: a mistyped one must not pass in silence.
struct ConfigurationFile {
    /// The one key whose value is no single one; see ``GatewayFile``.
    static let gatewayKey = "gateway"

    /// The file, as errors name it.
    let path: String
    /// The settings that are single values, as text, by their keys.
    private(set) var settings: [String: String] = [:]
    /// The value of ``gatewayKey``.
    private(set) var gateway: Node?

    /// Reads a file; none at all is fine unless it must be there.
    init(path: String, mustExist: Bool) throws(ConfigurationError) {
        guard mustExist || FileManager.default.fileExists(atPath: path) else {
            try self.init("", path: path)
            return
        }
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
            throw ConfigurationError("the configuration file \(path) can't be read as UTF-8 text")
        }
        try self.init(text, path: path)
    }

    /// Reads the text of a file; an empty one is fine.
    ///
    /// - Throws: the first unknown key, with its line and the nearest known key; or what is wrong
    ///   with the form of the file.
    init(_ text: String, path: String) throws(ConfigurationError) {
        self.path = path
        let node: Node?
        do {
            node = try Yams.compose(yaml: text)
        } catch {
            let lines = "\(error)".split(separator: "\n").joined(separator: "; ")
            throw ConfigurationError("\(path) is not valid YAML: \(lines)")
        }
        guard let node, node.null == nil else { return }
        guard node.mapping != nil else {
            throw ConfigurationError(
                "\(path) must be a mapping of settings, such as \"port: 8080\"")
        }
        let known = Setting.allCases.map(\.fileKey) + [Self.gatewayKey]
        let section = try YAMLSection(node, file: path, path: "", known: known)
        for key in known where key != Self.gatewayKey {
            settings[key] = try section.anyText(key)
        }
        gateway = section.node(Self.gatewayKey)
    }
}
