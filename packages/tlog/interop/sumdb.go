// An independent reader of what packages/tlog writes, and a writer of what it reads: Go's
// golang.org/x/mod/sumdb/note and sumdb/tlog behind one JSON document on standard input and one on
// standard output. src/sumdb.int.test.ts runs it.
package main

import (
	"crypto/rand"
	"encoding/binary"
	"encoding/json"
	"log"
	"os"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// claim is one statement about the tree of numbered entries, with the proofs of it.
type claim struct {
	Size        int64            `json:"size"`
	Index       int64            `json:"index"`
	OldSize     int64            `json:"oldSize"`
	Root        tlog.Hash        `json:"root"`
	OldRoot     tlog.Hash        `json:"oldRoot"`
	LeafHash    tlog.Hash        `json:"leafHash"`
	Inclusion   tlog.RecordProof `json:"inclusion"`
	Consistency tlog.TreeProof   `json:"consistency"`
}

type question struct {
	VerifierKey string   `json:"verifierKey"`
	Notes       []string `json:"notes"`
	TreeText    string   `json:"treeText"`
	SignText    string   `json:"signText"`
	SignName    string   `json:"signName"`
	EntryCount  int64    `json:"entryCount"`
	Claims      []claim  `json:"claims"`
}

type opened struct {
	Text       string `json:"text"`
	Verified   int    `json:"verified"`
	Unverified int    `json:"unverified"`
	Error      string `json:"error"`
}

type verdict struct {
	Inclusion   bool `json:"inclusion"`
	Consistency bool `json:"consistency"`
}

type tile struct {
	Path  string `json:"path"`
	Bytes []byte `json:"bytes"`
}

type answer struct {
	Opened      []opened  `json:"opened"`
	TreeSize    int64     `json:"treeSize"`
	TreeRoot    tlog.Hash `json:"treeRoot"`
	TreeText    string    `json:"treeText"`
	VerifierKey string    `json:"verifierKey"`
	Note        string    `json:"note"`
	Verdicts    []verdict `json:"verdicts"`
	Claims      []claim   `json:"claims"`
	Tiles       []tile    `json:"tiles"`
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func main() {
	var q question
	check(json.NewDecoder(os.Stdin).Decode(&q))
	var a answer
	openNotes(q, &a)
	readTree(q, &a)
	signNote(q, &a)
	reader := growTree(q.EntryCount)
	for _, c := range q.Claims {
		a.Verdicts = append(a.Verdicts, verdict{
			Inclusion:   tlog.CheckRecord(c.Inclusion, c.Size, c.Root, c.Index, c.LeafHash) == nil,
			Consistency: tlog.CheckTree(c.Consistency, c.Size, c.Root, c.OldSize, c.OldRoot) == nil,
		})
		a.Claims = append(a.Claims, prove(c, reader))
	}
	for _, t := range tlog.NewTiles(8, 0, q.EntryCount) {
		bytes, err := tlog.ReadTileData(t, reader)
		check(err)
		a.Tiles = append(a.Tiles, tile{Path: t.Path(), Bytes: bytes})
	}
	check(json.NewEncoder(os.Stdout).Encode(a))
}

func openNotes(q question, a *answer) {
	verifier, err := note.NewVerifier(q.VerifierKey)
	check(err)
	for _, text := range q.Notes {
		n, err := note.Open([]byte(text), note.VerifierList(verifier))
		if err != nil {
			a.Opened = append(a.Opened, opened{Error: err.Error()})
			continue
		}
		a.Opened = append(a.Opened, opened{Text: n.Text, Verified: len(n.Sigs), Unverified: len(n.UnverifiedSigs)})
	}
}

func readTree(q question, a *answer) {
	tree, err := tlog.ParseTree([]byte(q.TreeText))
	check(err)
	a.TreeSize, a.TreeRoot, a.TreeText = tree.N, tree.Hash, string(tlog.FormatTree(tree))
}

func signNote(q question, a *answer) {
	secret, public, err := note.GenerateKey(rand.Reader, q.SignName)
	check(err)
	signer, err := note.NewSigner(secret)
	check(err)
	signed, err := note.Sign(&note.Note{Text: q.SignText}, signer)
	check(err)
	a.VerifierKey, a.Note = public, string(signed)
}

// growTree makes the tree of entries that are their own numbers, in four bytes.
func growTree(count int64) tlog.HashReader {
	var stored []tlog.Hash
	reader := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		found := make([]tlog.Hash, len(indexes))
		for at, index := range indexes {
			found[at] = stored[index]
		}
		return found, nil
	})
	for n := int64(0); n < count; n++ {
		entry := make([]byte, 4)
		binary.BigEndian.PutUint32(entry, uint32(n))
		hashes, err := tlog.StoredHashes(n, entry, reader)
		check(err)
		stored = append(stored, hashes...)
	}
	return reader
}

func prove(c claim, reader tlog.HashReader) claim {
	var err error
	c.Root, err = tlog.TreeHash(c.Size, reader)
	check(err)
	c.OldRoot, err = tlog.TreeHash(c.OldSize, reader)
	check(err)
	c.Inclusion, err = tlog.ProveRecord(c.Size, c.Index, reader)
	check(err)
	c.Consistency, err = tlog.ProveTree(c.Size, c.OldSize, reader)
	check(err)
	return c
}
