import Foundation

/// The text files of this repository, read once.
struct Repository: Sendable {
    static let shared = Repository(root: findRoot())

    let root: URL
    let files: [SourceFile]

    var swiftFiles: [SourceFile] { files.filter(\.isSwift) }
    var markdownFiles: [SourceFile] { files.filter(\.isMarkdown) }

    /// Other file types are data, not text to be kept tidy.
    private static let extensions: Set<String> = [
        "swift", "c", "h", "md", "sh", "yaml", "yml", "json", "sql", "conf", "txt", "",
    ]
    /// Folders of build products and of a server that has run here.
    private static let skippedFolders: Set<String> = ["weir-data"]
    /// Hidden folders that are part of the repository all the same.
    private static let hiddenFolders: Set<String> = [".ci", ".github"]
    /// Larger files are data as well.
    private static let largestFileBytes = 1 << 20

    private init(root: URL) {
        self.root = root
        var files: [SourceFile] = []
        Self.visit(root, path: "", into: &files)
        self.files = files.sorted { $0.path < $1.path }
    }

    func exists(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: root.appending(path: path).path)
    }

    /// The folders in `path` that hold files of Swift or C.
    func codeFolders(in path: String) -> [String] {
        let names = files.filter { $0.isSwift || $0.isC }
            .compactMap { file -> String? in
                let parts = file.path.split(separator: "/")
                guard parts.count > 2, parts[0] == path else { return nil }
                return String(parts[1])
            }
        return Set(names).sorted()
    }

    /// The nearest folder above this file that has a manifest.
    private static func findRoot() -> URL {
        var folder = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
        repeat {
            folder.deleteLastPathComponent()
            let manifest = folder.appending(path: "Package.swift").path
            if FileManager.default.fileExists(atPath: manifest) { return folder }
        } while folder.pathComponents.count > 1
        return folder
    }

    private static func visit(_ folder: URL, path: String, into files: inout [SourceFile]) {
        let keys: [URLResourceKey] = [.isDirectoryKey, .isSymbolicLinkKey, .fileSizeKey]
        let entries =
            (try? FileManager.default.contentsOfDirectory(
                at: folder,
                includingPropertiesForKeys: keys
            )) ?? []
        for entry in entries {
            let name = entry.lastPathComponent
            let values = try? entry.resourceValues(forKeys: Set(keys))
            guard values?.isSymbolicLink != true else { continue }
            if values?.isDirectory == true {
                let isHidden = name.hasPrefix(".") && !hiddenFolders.contains(name)
                guard !isHidden, !skippedFolders.contains(name) else { continue }
                visit(entry, path: path + name + "/", into: &files)
            } else if extensions.contains(entry.pathExtension),
                values?.fileSize ?? 0 <= largestFileBytes,
                let data = try? Data(contentsOf: entry),
                let text = String(data: data, encoding: .utf8)
            {
                files.append(SourceFile(path: path + name, text: text))
            }
        }
    }
}
