package laminar_test

import (
	"bytes"
	"flag"
	"go/ast"
	"go/parser"
	"go/printer"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write api.txt anew")

// TestAPI compares the exported surface of all packages with api.txt, so that every change of it shows in a diff. Where the change is
// meant, run go test -run TestAPI -update . at the root.
func TestAPI(t *testing.T) {
	var lines []string
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return err
		}
		switch d.Name() {
		case "internal", "examples", "test", "bench", "docs", "testdata", "node_modules":
			return fs.SkipDir
		}
		if strings.HasPrefix(d.Name(), ".") && path != "." {
			return fs.SkipDir
		}
		exported, err := surface(path)
		lines = append(lines, exported...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(lines)
	got := strings.Join(slices.Compact(lines), "\n") + "\n"
	if *update {
		if err := os.WriteFile("api.txt", []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("api.txt")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("the exported surface is not that of api.txt (-api.txt +code):\n%s", diff)
	}
}

// surface returns a line for each exported declaration of the package in dir, whatever system a file is for.
func surface(dir string) (lines []string, err error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return nil, err
	}
	fset := token.NewFileSet()
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(fset, name, nil, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		if !ast.FileExports(f) {
			continue
		}
		for _, d := range f.Decls {
			for _, decl := range split(d) {
				var b bytes.Buffer
				if err := printer.Fprint(&b, fset, decl); err != nil {
					return nil, err
				}
				line := strings.Replace(b.String(), "// contains filtered or unexported fields", "", 1)
				lines = append(lines, filepath.ToSlash(dir)+": "+strings.Join(strings.Fields(line), " "))
			}
		}
	}
	return lines, nil
}

// split returns d without comments and bodies, a group of constants, variables or types as one declaration each, a struct as its
// name and one line per field.
func split(d ast.Decl) (decls []any) {
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Recv != nil && !receiver(d).IsExported() {
			return nil
		}
		d.Doc, d.Body = nil, nil
		return []any{d}
	case *ast.GenDecl:
		if d.Tok == token.IMPORT {
			return nil
		}
		for _, spec := range d.Specs {
			switch spec := spec.(type) {
			case *ast.ValueSpec:
				spec.Doc, spec.Comment = nil, nil
			case *ast.TypeSpec:
				spec.Doc, spec.Comment = nil, nil
				if s, ok := spec.Type.(*ast.StructType); ok {
					for _, field := range s.Fields.List {
						field.Doc, field.Comment = nil, nil
						decls = append(decls, &ast.GenDecl{Tok: token.TYPE, Specs: []ast.Spec{&ast.TypeSpec{
							Name: spec.Name,
							Type: &ast.StructType{Fields: &ast.FieldList{List: []*ast.Field{field}}},
						}}})
					}
					s.Fields.List = nil
				}
			}
			decls = append(decls, &ast.GenDecl{Tok: d.Tok, Specs: []ast.Spec{spec}})
		}
	}
	return decls
}

// receiver returns the name of the type that the method is of.
func receiver(d *ast.FuncDecl) *ast.Ident {
	typ := d.Recv.List[0].Type
	if star, ok := typ.(*ast.StarExpr); ok {
		typ = star.X
	}
	return typ.(*ast.Ident)
}
