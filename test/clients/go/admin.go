package main

import (
	"encoding/json"
	"regexp"
	"strings"
)

// identifier is a topic's id as one of the two clients tells it, which is another one on each node.
var identifier = regexp.MustCompile(`"ID":"[A-Za-z0-9+/]{22}=="|"Uuid":\[[0-9,]+\]`)

var noIdentifier = regexp.MustCompile(`"A{22}=="|\[(0,)+0\]`)

func withoutIdentifiers(text string) string {
	return identifier.ReplaceAllStringFunc(text, func(found string) string {
		if noIdentifier.MatchString(found) {
			return found
		}
		return `"ID":"some"`
	})
}

// tries is how often something is asked until it shows what it should: a broker learns a little later what the
// controller has answered already.
const tries = 3000

// story is what came of each step of an admin client, by its heading.
type story struct{ told [][2]string }

func textOf(came any, err error) string {
	encoded, problem := json.Marshal(came)
	if problem != nil {
		return "cannot be told: " + problem.Error()
	}
	text := withoutIdentifiers(string(encoded))
	if err != nil {
		return "failed: " + err.Error() + " " + text
	}
	return text
}

func (s *story) step(heading string, work func() (any, error)) {
	s.until(heading, nil, work)
}

// until asks again until all of these texts show.
func (s *story) until(heading string, shown []string, work func() (any, error)) {
	text := ""
	for range tries {
		text = textOf(work())
		missing := false
		for _, each := range shown {
			missing = missing || !strings.Contains(text, each)
		}
		if !missing {
			break
		}
	}
	s.told = append(s.told, [2]string{heading, text})
}

// nothing is what a call gives that can only fail.
func nothing(err error) (any, error) { return nil, err }
